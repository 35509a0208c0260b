import assert from 'node:assert/strict';
import { existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { removeLeftovers } from '../../src/git/leftovers.ts';
import { temporaryFolder } from '../fixtures/temporary-folder.ts';

const LEFT = [
  'packed-refs.lock',
  'refs/heads/main.lock',
  'refs/fleet/x.lock',
  'objects/incoming-1a2b/pack/x',
  'objects/tmp_objdir-incoming-1a2b/pack/x',
  'objects/pack/tmp_pack_1a2b',
  'objects/pack/.tmp-1-pack-x.idx',
];
const KEPT = ['HEAD', 'refs/heads/main', 'objects/pack/pack-x.pack', 'objects/ab/cdef', 'refs/heads/lock'];

test('what a killed git left is removed, and all else stays', (t) => {
  const repository = temporaryFolder(t);
  for (const file of [...LEFT, ...KEPT]) {
    mkdirSync(dirname(join(repository, file)), { recursive: true });
    writeFileSync(join(repository, file), '');
  }
  // Followed, they would have more paths than can be counted.
  for (const name of ['a', 'b', 'c']) symlinkSync('..', join(repository, 'refs/heads', name));
  removeLeftovers(repository);
  const isThere = (file: string) => existsSync(join(repository, file));
  assert.deepEqual(LEFT.filter(isThere), []);
  assert.deepEqual(KEPT.filter(isThere), KEPT);
});

test('a repository that is not there has no leftovers', () => {
  removeLeftovers('/nowhere/app.git');
});
