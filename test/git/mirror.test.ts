import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { fetchCommit, fetchStepIn, hasCommit, sweepMirror } from '../../src/git/mirror.ts';
import { hubRemote } from '../../src/git/remote.ts';
import { GIT_SECRET, GitHost } from '../fixtures/git-host.ts';
import { commit, git } from '../fixtures/local-fleet.ts';

let host: GitHost;
let app: string;
let head: string;
before(async () => {
  host = await new GitHost().start();
  app = host.app('app');
  head = commit(app, { 'a.txt': 'two\n' });
  assert.equal((await host.run(app, 'push', host.url('app'), `${head}:refs/fleet/${head}`)).code, 0);
});
after(() => host.end());

const mirrorOf = (name: string) => join(host.dir, 'drone/repos', `${name}.git`);
const remote = (secret: string) => hubRemote({ hub: new URL(host.url('app')).host, secret }, 10_000);

test('a commit is fetched with its history, and kept by a ref of its own', async () => {
  const mirror = mirrorOf('app');
  assert.equal(await hasCommit(mirror, head), false);
  await fetchCommit(mirror, remote(GIT_SECRET), 'app', head);
  assert.equal(await hasCommit(mirror, head), true);
  assert.equal(await hasCommit(mirror, 'f'.repeat(40)), false);
  assert.equal(git(mirror, 'rev-list', '--count', head), '2');
  git(mirror, 'pack-refs', '--all');
  assert.ok(!existsSync(join(mirror, 'refs/fleet', head)));
  assert.equal(await hasCommit(mirror, head), true, 'also if git has packed the ref');
});

test('a commit or repository that the hub does not have is ENOCOMMIT, and a wrong secret EAUTH', async () => {
  const missing = 'f'.repeat(40);
  const error = { code: 'ENOCOMMIT', message: /fleet deploy$/ };
  await assert.rejects(fetchCommit(mirrorOf('missing'), remote(GIT_SECRET), 'app', missing), error);
  await assert.rejects(fetchCommit(mirrorOf('none'), remote(GIT_SECRET), 'none', head), error);
  await assert.rejects(fetchCommit(mirrorOf('app2'), remote('wrong'), 'app', head), { code: 'EAUTH' });
});

test('what a killed git left in a mirror is removed, and all else stays', () => {
  const mirror = mirrorOf('swept');
  const left = ['shallow.lock', 'refs/fleet/x.lock', 'objects/pack/tmp_pack_x', 'objects/ab/tmp_obj_x'];
  const kept = ['HEAD', 'objects/pack/pack-x.pack', 'refs/fleet/x'];
  for (const file of [...left, ...kept]) {
    mkdirSync(dirname(join(mirror, file)), { recursive: true });
    writeFileSync(join(mirror, file), '');
  }
  // Its own user could not look into it any more, and the next fetch has to.
  chmodSync(join(mirror, 'objects'), 0);
  sweepMirror(mirror);
  assert.equal(statSync(join(mirror, 'objects')).mode & 0o700, 0o700);
  const isThere = (file: string) => existsSync(join(mirror, file));
  assert.deepEqual([left.filter(isThere), kept.filter(isThere)], [[], kept]);
  rmSync(mirror, { recursive: true });
  sweepMirror(mirror);
});

test('how far a fetch is can be read from what git prints', () => {
  const table: [string, number | null][] = [
    ['remote: Counting objects:  50% (1/2)\rremote: Counting objects: 100% (2/2)\r', null],
    ['Receiving objects:  34% (1/3)\rReceiving objects:  67% (2/3), 10.00 MiB | 2.00 MiB/s\r', 67],
    ['Unpacking objects: 100% (3/3), 230 bytes | 230.00 KiB/s, done.\n', 100],
    ['remote: Receiving objects: 5% (1/20)\n', null],
  ];
  for (const [chunk, percent] of table) assert.equal(fetchStepIn(chunk)?.percent ?? null, percent, chunk);
});
