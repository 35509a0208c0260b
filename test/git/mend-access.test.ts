import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { restoreAccess } from '../../src/git/mend-access.ts';
import { temporaryFolder } from '../fixtures/temporary-folder.ts';

test('what its owner cannot open can be opened again, at any depth, and nothing else changes', (t) => {
  const dir = join(temporaryFolder(t), 'app.git');
  const [refs, heads, ref, object] = ['refs', 'refs/heads', 'refs/heads/main', 'object'].map((name) =>
    join(dir, name),
  ) as [string, string, string, string];
  mkdirSync(heads, { recursive: true });
  for (const file of [ref, object]) writeFileSync(file, 'text');
  symlinkSync('/nowhere', join(dir, 'link'));
  chmodSync(object, 0o444);
  assert.equal(restoreAccess(dir), 0);
  for (const path of [ref, heads, refs, dir]) chmodSync(path, 0);
  assert.equal(restoreAccess(dir), 4);
  assert.equal(readFileSync(ref, 'utf8'), 'text');
  const modes = [refs, ref, object].map((path) => statSync(path).mode & 0o777);
  assert.deepEqual(modes, [0o700, 0o400, 0o444]);
  assert.equal(restoreAccess(join(dir, 'none')), 0);
});
