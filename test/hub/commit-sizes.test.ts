import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { CommitSizes } from '../../src/hub/commit-sizes.ts';
import { commit, headOf, initRepository } from '../fixtures/local-fleet.ts';
import { temporaryFolder } from '../fixtures/temporary-folder.ts';
import { treeBomb } from '../fixtures/tree-bomb.ts';

test('the size of a commit is counted once', async (t) => {
  const dir = temporaryFolder(t);
  const app = join(dir, 'app');
  initRepository(app);
  const head = commit(app, { big: 'x'.repeat(5_000), 'dir/small': 'y' });
  const sizes = new CommitSizes({ path: () => join(app, '.git'), holderOf: async (repo) => repo });
  assert.deepEqual(await sizes.of('app', head), { files: 3, bytes: 4 * 4096 });
  rmSync(app, { recursive: true });
  assert.deepEqual(await sizes.of('other', head), { files: 3, bytes: 4 * 4096 });
});

test('what the hub cannot read, or is far too large, is for the drones to count', async (t) => {
  const dir = temporaryFolder(t);
  const bomb = treeBomb(join(dir, 'bomb'), 11);
  const sizes = new CommitSizes({ path: () => join(bomb, '.git'), holderOf: async (repo) => repo });
  assert.equal(await sizes.of('app', headOf(bomb)), null);
  assert.equal(await sizes.of('app', 'c'.repeat(40)), null);
});
