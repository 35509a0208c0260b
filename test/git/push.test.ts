import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { pushCommit } from '../../src/git/push.ts';
import { hubRemote } from '../../src/git/remote.ts';
import { GIT_SECRET, GitHost } from '../fixtures/git-host.ts';
import { commit, git, headOf } from '../fixtures/local-fleet.ts';

const cacheBefore = process.env['XDG_CACHE_HOME'];
let host: GitHost;
let app: string;
before(async () => {
  host = await new GitHost().start();
  app = host.app('app');
  process.env['XDG_CACHE_HOME'] = join(host.dir, 'cache');
});
after(async () => {
  if (cacheBefore === undefined) delete process.env['XDG_CACHE_HOME'];
  else process.env['XDG_CACHE_HOME'] = cacheBefore;
  await host.end();
});

const remote = (secret = GIT_SECRET) => hubRemote({ hub: new URL(host.url('app')).host, secret }, 10_000);

test('a commit is pushed with its history under its own ref, and nothing is left of the push', async () => {
  const first = headOf(app);
  const head = commit(app, { 'a.txt': 'two\n' });
  const progress: number[] = [];
  await pushCommit(app, remote(), 'app', head, ({ done, total }) => progress.push(done / total));
  assert.equal(await host.store.has('app', head), true);
  assert.equal(git(host.path('app'), 'rev-list', head), `${head}\n${first}`);
  assert.ok(progress.length > 0 && progress.every((share) => share >= 0 && share <= 1), `${progress}`);
  assert.deepEqual(readdirSync(join(host.dir, 'cache/fleet')), []);
});

test("the checkout's hooks, settings and other branches play no part", async () => {
  git(app, 'branch', 'private');
  git(app, 'config', 'push.followTags', 'true');
  git(app, 'config', 'http.proxy', 'http://127.0.0.1:9');
  git(app, 'tag', '-a', '-m', 'one', 'v1');
  const head = commit(app, { 'a.txt': 'three\n' });
  await pushCommit(app, remote(), 'app', head);
  const refs = git(host.path('app'), 'for-each-ref', '--format=%(refname)').split('\n');
  assert.ok(
    refs.every((ref) => ref.startsWith('refs/fleet/')),
    `${refs}`,
  );
});

test('why a push failed is one error: a wrong secret, no such commit', async () => {
  const head = headOf(app);
  await assert.rejects(pushCommit(app, remote('wrong'), 'app', head), { code: 'EAUTH' });
  await assert.rejects(pushCommit(app, remote(), 'app', 'f'.repeat(40)), { code: 'EGIT' });
  assert.deepEqual(readdirSync(join(host.dir, 'cache/fleet')), []);
});
