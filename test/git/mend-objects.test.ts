import assert from 'node:assert/strict';
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { removeBrokenObjects, removeBrokenRefs } from '../../src/git/mend-objects.ts';
import { commit, git, initRepository } from '../fixtures/local-fleet.ts';
import { temporaryFolder } from '../fixtures/temporary-folder.ts';

const ENOUGH = 1024 ** 3;
/** Git does not even start with it. */
const TOO_LITTLE = 4_096;

test('a git that runs out of memory finds no damage: refs and objects stay', async (t) => {
  const dir = join(temporaryFolder(t), 'app');
  initRepository(dir);
  commit(dir, { 'a.txt': 'a' });
  const repository = join(dir, '.git');
  git(dir, 'repack', '-adq');
  const before = () => [git(dir, 'for-each-ref'), readdirSync(join(repository, 'objects/pack')).sort()];
  const there = before();
  for (const remove of [removeBrokenObjects, removeBrokenRefs])
    await assert.rejects(remove(repository, TOO_LITTLE), { code: 'ELIMIT' });
  assert.deepEqual(before(), there);
  for (const remove of [removeBrokenObjects, removeBrokenRefs])
    assert.equal(await remove(repository, ENOUGH), 0);
  assert.deepEqual(before(), there);
});

test('a ref whose commit is missing is removed, and the others stay', async (t) => {
  const dir = join(temporaryFolder(t), 'app');
  initRepository(dir);
  commit(dir, { 'a.txt': 'a' });
  git(dir, 'branch', 'whole');
  commit(dir, { 'a.txt': 'b' });
  const head = git(dir, 'rev-parse', 'HEAD').trim();
  rmSync(join(dir, '.git/objects', head.slice(0, 2), head.slice(2)));
  assert.equal(await removeBrokenRefs(join(dir, '.git'), ENOUGH), 1);
  const refs = git(dir, 'for-each-ref', '--format=%(refname)').trim();
  assert.equal(refs, 'refs/heads/whole');
});
