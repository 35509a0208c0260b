import assert from 'node:assert/strict';
import { statfsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { spaceOf } from '../../src/system/free-space.ts';
import { temporaryFolder } from '../fixtures/temporary-folder.ts';

test('a path that does not exist yet has the space of the file system that it will be on', (t) => {
  const dir = temporaryFolder(t);
  const { blocks, bsize } = statfsSync(dir);
  const space = spaceOf(join(dir, 'not/there/yet'));
  assert.equal(space?.total, blocks * bsize);
  assert.ok((space?.free ?? -1) >= 0 && (space?.free ?? 0) <= blocks * bsize);
});

test('a file system without blocks has no space that is known', {
  skip: process.platform !== 'linux',
}, () => {
  assert.equal(spaceOf('/proc'), null);
});
