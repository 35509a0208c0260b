import assert from 'node:assert/strict';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { diskUsage } from '../../src/system/disk-usage.ts';
import { temporaryFolder } from '../fixtures/temporary-folder.ts';

test('everything in a directory counts, but not what a link points to', async (t) => {
  const dir = temporaryFolder(t);
  mkdirSync(join(dir, 'tree/deep'), { recursive: true });
  const empty = await diskUsage(join(dir, 'tree'));
  writeFileSync(join(dir, 'tree/deep/file'), 'x'.repeat(100_000));
  writeFileSync(join(dir, 'outside'), 'x'.repeat(10_000_000));
  symlinkSync(join(dir, 'outside'), join(dir, 'tree/link'));
  const bytes = (await diskUsage(join(dir, 'tree'))) - empty;
  assert.ok(bytes >= 100_000 && bytes < 200_000, `${bytes} bytes`);
});

test('what is not there takes nothing', async () => {
  assert.equal(await diskUsage('/no/such/place'), 0);
});
