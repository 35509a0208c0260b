import assert from 'node:assert/strict';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { test } from 'node:test';
import { findPathsBelow, pathsBelow } from '../../src/system/tree.ts';
import { temporaryFolder } from '../fixtures/temporary-folder.ts';

test('all that is below a directory is found once, and no link is followed', async (t) => {
  const dir = temporaryFolder(t);
  mkdirSync(join(dir, 'a/b'), { recursive: true });
  writeFileSync(join(dir, 'a/b/file'), '');
  for (const name of ['up', 'again', 'more']) symlinkSync('..', join(dir, 'a', name));
  const all = ['a', 'a/again', 'a/b', 'a/b/file', 'a/more', 'a/up'];
  for (const paths of [pathsBelow(dir), await findPathsBelow(dir)])
    assert.deepEqual(paths.map((path) => relative(dir, path)).sort(), all);
});
