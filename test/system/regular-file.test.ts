import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { readRegular } from '../../src/system/regular-file.ts';
import { temporaryFolder } from '../fixtures/temporary-folder.ts';

test('a file is read, also through a link, and a FIFO, a device or a directory is refused at once', (t) => {
  const dir = temporaryFolder(t);
  writeFileSync(join(dir, 'file'), 'text');
  symlinkSync('file', join(dir, 'link'));
  assert.deepEqual([readRegular(join(dir, 'file')), readRegular(join(dir, 'link'))], ['text', 'text']);
  execFileSync('mkfifo', [join(dir, 'fifo')]);
  mkdirSync(join(dir, 'folder'));
  for (const path of [join(dir, 'fifo'), '/dev/zero', join(dir, 'folder')])
    assert.throws(() => readRegular(path), {
      code: 'ECONFIG',
      message: `${path} is broken: it is not a file; move it away`,
    });
  assert.throws(() => readRegular(join(dir, 'none')), { code: 'ENOENT' });
});
