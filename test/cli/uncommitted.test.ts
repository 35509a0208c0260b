import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { lookForChanges } from '../../src/cli/uncommitted.ts';
import { commit, initRepository } from '../fixtures/local-fleet.ts';
import { temporaryFolder } from '../fixtures/temporary-folder.ts';

test('changes that are not deployed are said, and that they cannot be seen, too', async (t) => {
  const dir = temporaryFolder(t);
  const [unknown = ''] = await lookForChanges(dir);
  assert.match(unknown, /^cannot see whether there are uncommitted changes: /);
  initRepository(dir);
  commit(dir, { 'a.txt': 'one\n' });
  assert.deepEqual(await lookForChanges(dir), []);
  writeFileSync(join(dir, 'a.txt'), 'two\n');
  assert.deepEqual(await lookForChanges(dir), ['there are uncommitted changes, which are not deployed']);
});
