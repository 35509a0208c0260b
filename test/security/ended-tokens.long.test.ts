import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { type ClientRequest, type IncomingMessage, request } from 'node:http';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { up } from '../../src/hub/apps/up.ts';
import type { Client } from '../../src/index.ts';
import { basicAuth } from '../../src/protocol/authorization.ts';
import { eventually, git, headOf, LocalFleet } from '../fixtures/local-fleet.ts';
import { command, FLUSH, packet } from '../fixtures/push.ts';
import { temporaryFolder } from '../fixtures/temporary-folder.ts';
import { AppWorld } from '../hub/apps/app-world.ts';

const fleet = new LocalFleet();
let owner: Client;

before(async () => {
  await fleet.startHub();
  owner = await fleet.connect();
});
after(() => fleet.end());

function ask(method: string, path: string, token: string): ClientRequest {
  const headers = { authorization: basicAuth(token) };
  const asked = request({ host: '127.0.0.1', port: fleet.hub.gport, method, path, headers, agent: false });
  return asked.on('error', () => {});
}

/** Everything that a push of HEAD sends after its head. */
const packOf = (app: string) =>
  execFileSync('git', ['pack-objects', '--stdout', '--revs', '--quiet'], { cwd: app, input: 'HEAD\n' });

/** The refs of a repository at the hub, and what gits have not finished there. */
function stateOf(repo: string): { refs: string; unfinished: string[] } {
  const path = join(fleet.dir, 'hub/repos', `${repo}.git`);
  if (!existsSync(path)) return { refs: '', unfinished: [] };
  const objects = readdirSync(join(path, 'objects'));
  const refs = git(path, 'for-each-ref', '--format=%(refname)');
  return { refs: refs.trim(), unfinished: objects.filter((name) => /incoming/.test(name)) };
}

const WAYS = {
  branch: { ref: () => 'refs/heads/half', capabilities: 'report-status side-band-64k' },
  tag: { ref: () => 'refs/tags/half', capabilities: 'report-status side-band-64k' },
  deploy: { ref: (head: string) => `refs/fleet/${head}`, capabilities: 'report-status' },
};

for (const [way, { ref, capabilities }] of Object.entries(WAYS)) {
  test(`when a token is removed, its push that is half way ends, and changes nothing: ${way}`, async () => {
    const [repo, name] = [`push-${way}`, `pusher-${way}`];
    const app = fleet.app(repo, { 'a.txt': 'a', 'b.bin': randomBytes(200_000).toString('base64') });
    const token = await owner.tokenCreate({ name, can: ['deploy'] });
    const look = ask('GET', `/${repo}.git/info/refs?service=git-receive-pack`, token).end();
    ((await once(look, 'response')) as [IncomingMessage])[0].resume();
    const push = ask('POST', `/${repo}.git/git-receive-pack`, token);
    push.on('response', (response: IncomingMessage) => response.on('error', () => {}).resume());
    const closed = new Promise((resolve) => push.once('close', resolve));
    const pack = packOf(app);
    const head = headOf(app);
    push.write(command(ref(head), undefined, head, capabilities) + FLUSH);
    push.write(pack.subarray(0, -20));
    await eventually(() => stateOf(repo).unfinished.length > 0, 'git receives it');
    await owner.tokenRemove(name);
    push.end(pack.subarray(-20));
    await closed;
    await eventually(() => stateOf(repo).unfinished.length === 0, 'git has ended');
    assert.equal(stateOf(repo).refs, '');
  });
}

test('when a token is removed, its clone that is half way ends', async () => {
  const size = 24_000_000;
  const app = fleet.app('large', { 'a.bin': randomBytes(size / 2).toString('hex') });
  await owner.deploy({ dir: app });
  const token = await owner.tokenCreate({ name: 'reader', can: ['read'] });
  const clone = ask('POST', '/large.git/git-upload-pack', token);
  clone.end(packet(`want ${headOf(app)} side-band-64k no-progress\n`) + FLUSH + packet('done\n'));
  const [answer] = (await once(clone, 'response')) as [IncomingMessage];
  answer.on('error', () => {});
  await owner.tokenRemove('reader');
  answer.resume();
  await new Promise((resolve) => answer.once('close', resolve));
  assert.equal(answer.complete, false);
});

test('nothing begins for whoever waited for a release, and whose token has ended', async (t) => {
  const commit = 'a'.repeat(40);
  const world = new AppWorld(temporaryFolder(t), { [commit]: '[services.web]\ncommand = "x"\n' }, 1);
  const service = await world.startHub();
  const options = { canary: null, rebuild: false, force: true, strict: false, subject: '', wait: 60_000 };
  const app = { repo: 'webapp', stage: null, commit, ...options };
  await up(service, app, 'ada');
  const isWanted = () => false;
  await assert.rejects(up(service, { ...app, isWanted } as typeof app, 'bob'), { code: 'ECLOSED' });
  assert.equal(service.apps.get(app).app.releases.length, 1);
  await service.apps.close();
});
