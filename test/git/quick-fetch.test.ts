import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { fleetEnvironment } from '../../src/git/environment.ts';
import { fetchCommit, hasCommit } from '../../src/git/mirror.ts';
import { quickFetch } from '../../src/git/quick-fetch.ts';
import { hubRemote } from '../../src/git/remote.ts';
import { GIT_SECRET, GitHost } from '../fixtures/git-host.ts';
import { commit, git } from '../fixtures/local-fleet.ts';

let host: GitHost;
let app: string;
let count = 0;
before(async () => {
  host = await new GitHost().start();
  app = host.app('app');
});
after(() => host.end());

const remote = (secret = GIT_SECRET) => hubRemote({ hub: new URL(host.url('app')).host, secret }, 10_000);

async function pushed(files: Record<string, string>): Promise<string> {
  const head = commit(app, files);
  assert.equal((await host.run(app, 'push', host.url('app'), `${head}:refs/fleet/${head}`)).code, 0);
  return head;
}

/** A new mirror with the newest commit. */
async function mirrorWithOne(): Promise<string> {
  const mirror = join(host.dir, 'drone/repos', `app${++count}.git`);
  await fetchCommit(mirror, remote(), 'app', await pushed({ 'a.txt': `${count}\n`.repeat(1000) }));
  return mirror;
}

function quick(mirror: string, head: string, hub = remote(), signal = new AbortController().signal) {
  const env = fleetEnvironment(dirname(mirror));
  return quickFetch(mirror, hub, 'app', head, { env, signal, onError: () => {} });
}

test('what a commit has and earlier ones have not is fetched, complete, and kept by a ref', async () => {
  const mirror = await mirrorWithOne();
  const head = await pushed({ 'b.txt': 'b\n' });
  assert.equal(await quick(mirror, head), true);
  assert.equal(await hasCommit(mirror, head), true);
  git(mirror, 'pack-refs', '--all');
  const many = Object.fromEntries(Array.from({ length: 120 }, (_, at) => [`many/${at}.txt`, `${at}\n`]));
  const large = await pushed({ ...many, 'a.txt': `${count}\n`.repeat(1001) });
  assert.equal(await quick(mirror, large), true);
  assert.equal(readdirSync(join(mirror, 'objects/pack')).filter((name) => name.endsWith('.pack')).length, 1);
  git(mirror, 'fsck', '--strict');
  assert.equal(git(mirror, 'rev-list', '--count', large), git(app, 'rev-list', '--count', large));
});

test('it leaves to git fetch what is new here, shallow, missing, forbidden, or out of reach', async () => {
  const mirror = await mirrorWithOne();
  const head = await pushed({ 'c.txt': 'c\n' });
  const empty = join(host.dir, 'drone/repos/empty.git');
  git(host.dir, 'init', '-q', '--bare', empty);
  assert.equal(await quick(empty, head), false);
  assert.equal(await quick(mirror, 'f'.repeat(40)), false);
  assert.equal(await quick(mirror, head, remote('wrong')), false);
  assert.equal(await quick(mirror, head, { ...remote(), url: 'http://127.0.0.1:1' }), false);
  writeFileSync(join(mirror, 'shallow'), '');
  assert.equal(await quick(mirror, head), false);
  assert.ok(!existsSync(join(mirror, 'refs/fleet', head)));
});

test('no ref is set in a mirror that lacks what the commit needs', async () => {
  const mirror = await mirrorWithOne();
  const head = await pushed({ 'd.txt': 'd\n' });
  rmSync(join(mirror, 'objects'), { recursive: true });
  mkdirSync(join(mirror, 'objects'));
  assert.equal(await quick(mirror, head), false);
  assert.equal(await hasCommit(mirror, head), false);
});

test('it ends, and throws why, when its signal aborts', async () => {
  const why = new Error('enough');
  const mirror = await mirrorWithOne();
  await assert.rejects(
    quick(mirror, await pushed({ 'e.txt': 'e\n' }), remote(), AbortSignal.abort(why)),
    why,
  );
});
