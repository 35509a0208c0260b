import assert from 'node:assert/strict';
import { renameSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fetchMissing } from '../../src/git/partial-clone.ts';
import { commit, git, headOf, initRepository } from '../fixtures/local-fleet.ts';
import { temporaryFolder } from '../fixtures/temporary-folder.ts';

test("the files of one commit are fetched from the clone's origin, and nothing that is not missing", async (t) => {
  const dir = temporaryFolder(t);
  const origin = join(dir, 'origin');
  initRepository(origin);
  git(origin, 'config', 'uploadpack.allowFilter', 'true');
  const first = commit(origin, { 'a.txt': 'one\n' });
  commit(origin, { 'a.txt': 'two\n', 'b.txt': 'three\n' });
  const clone = join(dir, 'clone');
  git(dir, 'clone', '-q', '--no-checkout', '--filter=blob:none', `file://${origin}`, clone);
  const missing = (of: string) =>
    git(clone, 'rev-list', '--objects', '--no-walk', '--missing=print', of)
      .split('\n')
      .filter((line) => line.startsWith('?')).length;
  const head = headOf(origin);
  assert.deepEqual([missing(head), missing(first)], [2, 1]);
  await fetchMissing(clone, head);
  assert.deepEqual([missing(head), missing(first)], [0, 1]);

  renameSync(origin, join(dir, 'gone'));
  await fetchMissing(clone, head);
  await assert.rejects(fetchMissing(clone, first), {
    code: 'EGIT',
    message: new RegExp(`^files of ${first} are missing in this partial clone, and its origin`),
  });
});
