import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { closeSync, mkdirSync, readFileSync, symlinkSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import {
  openRegular,
  readRegular,
  readRegularIfThere,
  regularText,
  targetOf,
} from '../../src/system/regular-file.ts';
import { temporaryFolder } from '../fixtures/temporary-folder.ts';

const forReading = (path: string) => openRegular(path, 'r');
const forWriting = (path: string) => openRegular(path, 'a');

test('a file is read, also through a link, and a FIFO, a device or a directory is refused at once', (t) => {
  const dir = temporaryFolder(t);
  writeFileSync(join(dir, 'file'), 'text');
  symlinkSync('file', join(dir, 'link'));
  assert.deepEqual([readRegular(join(dir, 'file')), readRegular(join(dir, 'link'))], ['text', 'text']);
  execFileSync('mkfifo', [join(dir, 'fifo')]);
  mkdirSync(join(dir, 'folder'));
  for (const path of [join(dir, 'fifo'), '/dev/zero', join(dir, 'folder')])
    for (const use of [readRegular, readRegularIfThere, forReading, forWriting])
      assert.throws(() => use(path), {
        code: 'ECONFIG',
        message: `${path} is broken: it is not a file; move it away`,
      });
  assert.throws(() => readRegular(join(dir, 'none')), { code: 'ENOENT' });
});

test('what is not a file is no text, without holding anything up', async (t) => {
  const dir = temporaryFolder(t);
  execFileSync('mkfifo', [join(dir, 'fifo')]);
  writeFileSync(join(dir, 'file'), 'text');
  const paths = ['file', 'fifo', 'none', '.'].map((name) => join(dir, name));
  assert.deepEqual(await Promise.all(paths.map(regularText)), ['text', null, null, null]);
});

test('a file that is not there is made, and nothing is read where there is none', (t) => {
  const path = join(temporaryFolder(t), 'file');
  assert.equal(readRegularIfThere(path), null);
  const fd = forWriting(path);
  writeSync(fd, 'text');
  closeSync(fd);
  assert.equal(readFileSync(path, 'utf8'), 'text');
});

test('a link to nowhere, or in a circle, is not taken for nothing', (t) => {
  const dir = temporaryFolder(t);
  for (const [name, code] of [
    ['nowhere', 'ENOENT'],
    ['circle', 'ELOOP'],
  ] as const) {
    symlinkSync(name === 'circle' ? name : 'none', join(dir, name));
    assert.equal(targetOf(join(dir, name)), null);
    assert.throws(() => readRegularIfThere(join(dir, name)), { code });
  }
});
