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
import { dial } from '../../src/rpc/dial.ts';
import { FakeDrone, key, report } from '../fixtures/fake-drone.ts';
import { eventually, git, headOf, LocalFleet, SECRET } from '../fixtures/local-fleet.ts';
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

/** A client that speaks the protocol by itself, and notes what it is told. */
async function rawClient(secret: string) {
  const target = { hub: fleet.address, secret };
  const peer = await dial({ target, role: 'client', timeout: 10_000, pingEvery: 5_000, deadAfter: 60_000 });
  const told: string[] = [];
  peer.serve(({ method }) => void told.push(method));
  return { peer, told };
}

test('when a token is removed, what it watches, reads, runs and waits for ends', async () => {
  const drone = await FakeDrone.join(fleet.address, SECRET, 'ending', [report('000001')]);
  const never = () => new Promise(() => {});
  drone.answer = ({ method }) => (method === 'logs.read' || method === 'spawn' ? never() : null);
  const token = await owner.tokenCreate({ name: 'busy', can: ['read', 'deploy', 'exec'] });
  const [watching, working] = [await rawClient(token), await rawClient(token)];
  const output = { all: true, ids: [], repos: [] };
  await watching.peer.call('subscribe', { events: true, output, drones: null, since: null });
  const of = { repo: 'webapp', commit: 'c'.repeat(40) };
  const run = { ...of, command: ['x'], env: {}, drones: ['ending'] };
  await working.peer.call('exec.start', { ...run, key: key(), stdin: false, cwd: null });
  const at = { kind: 'offset', offset: 0 };
  const calls = [
    working.peer.call('logs.read', { drone: 'ending', id: '000001', at, limit: 1 }),
    working.peer.call('spawn', { ...run, key: key() }),
  ];
  const outcomes = Promise.allSettled(calls);
  await eventually(() => drone.orders.some(({ method }) => method === 'spawn'), 'the drone is asked');
  await owner.tokenRemove('busy');
  // What the drone tells from now on is heard by nobody.
  const heard = watching.told.length;
  await drone.tell('output', { id: '000001', ...of, from: 0, to: 2, time: 1, dropped: 0 }, 'x\n');
  await drone.heard();
  for (const { peer } of [watching, working])
    assert.match((await peer.closed).message, /the token 'busy' has expired or was removed/);
  assert.equal(watching.told.length, heard);
  for (const outcome of await outcomes) assert.equal(outcome.status, 'rejected');
  await eventually(() => drone.orders.some(({ method }) => method === 'exec.kill'), 'its exec ends');
  drone.peer.close();
});
