import assert from 'node:assert/strict';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { syncFile, syncTree } from '../../src/system/sync-tree.ts';
import { temporaryFolder } from '../fixtures/temporary-folder.ts';

/** A directory with files, folders and a link to nowhere. */
function tree(t: TestContext): string {
  const dir = temporaryFolder(t);
  mkdirSync(join(dir, 'a/b'), { recursive: true });
  for (const name of ['one', 'a/two', 'a/b/three']) writeFileSync(join(dir, name), name);
  symlinkSync('/nowhere', join(dir, 'a/link'));
  return dir;
}

test('a tree is synced with everything in it', async (t) => {
  await syncTree([tree(t), tree(t)]);
  await assert.rejects(syncTree([join(temporaryFolder(t), 'nowhere')]), { code: 'ENOENT' });
});

test('without a program for that, it is synced file by file', async (t) => {
  const dir = tree(t);
  const { PATH } = process.env;
  process.env['PATH'] = '/nowhere';
  try {
    await syncTree([dir]);
    await assert.rejects(syncTree([join(dir, 'nowhere')]), { code: 'ENOENT' });
  } finally {
    process.env['PATH'] = PATH;
  }
});

test('a single file or directory can be synced', async (t) => {
  const dir = tree(t);
  await syncFile(join(dir, 'one'));
  await syncFile(dir);
  await assert.rejects(syncFile(join(dir, 'nowhere')), { code: 'ENOENT' });
});
