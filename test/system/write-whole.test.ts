import assert from 'node:assert/strict';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, mock, test } from 'node:test';
import {
  removeDurably,
  removeUnfinished,
  replaceCrashSafe,
  writeCrashSafe,
  writeDurably,
  writeWhole,
} from '../../src/system/write-whole.ts';
import { watchDisk } from '../fixtures/watched-disk.ts';

let dir: string;
let path: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'fleet-write-'));
  path = join(dir, 'state.json');
});
afterEach(() => {
  mock.restoreAll();
  rmSync(dir, { recursive: true, force: true });
});

for (const write of [writeWhole, writeCrashSafe, writeDurably]) {
  test(`${write.name} replaces a file by one that only its owner can read, and leaves nothing beside it`, () => {
    writeFileSync(path, 'a much longer one that was there before', { mode: 0o644 });
    write(path, 'text');
    assert.equal(readFileSync(path, 'utf8'), 'text');
    assert.equal(statSync(path).mode & 0o777, 0o600);
    write(path, Buffer.from([0, 255, 10]));
    assert.deepEqual([...readFileSync(path)], [0, 255, 10]);
    assert.deepEqual(readdirSync(dir), ['state.json']);
  });

  test(`if ${write.name} fails, the error names the file, and the old one is kept`, () => {
    const inFile = join(path, 'x.json');
    writeFileSync(path, 'old');
    assert.throws(() => write(inFile, 'new'), { code: 'EIO', message: /^cannot write .*x\.json: ENOTDIR/ });
    assert.throws(() => write(join(dir, 'nowhere/x.json'), 'new'), { code: 'EIO', message: /ENOENT/ });
    watchDisk((step) => (step.startsWith('rename') ? 'ENOSPC' : null));
    assert.throws(() => write(path, 'new'), { code: 'EIO', message: /^cannot write .*state\.json: ENOSPC/ });
    assert.equal(readFileSync(path, 'utf8'), 'old');
    assert.deepEqual(readdirSync(dir), ['state.json']);
  });
}

test('writeDurably: the content is on disk before it replaces the old file, and the rename right after that', () => {
  const steps = watchDisk();
  writeDurably(path, 'text');
  assert.deepEqual(steps, ['sync file', 'rename to state.json', 'sync directory']);
});

test('the content is on disk before it replaces a file that must not be damaged', () => {
  const steps = watchDisk();
  writeCrashSafe(path, 'text');
  assert.deepEqual(steps, ['sync file', 'rename to state.json']);
});

test('files that may be lost are written without waiting for the disk', () => {
  const steps = watchDisk();
  writeWhole(path, 'text');
  assert.deepEqual(steps, ['rename to state.json']);
});

test('a file that does not reach the disk never replaces the old one', () => {
  writeFileSync(path, 'old');
  watchDisk((step) => (step === 'sync file' ? 'EIO' : null));
  assert.throws(() => writeDurably(path, 'new'), { code: 'EIO' });
  assert.equal(readFileSync(path, 'utf8'), 'old');
  assert.deepEqual(readdirSync(dir), ['state.json']);
});

test('a disk that fails to sync the directory is reported, and one that does not support it is not', () => {
  let code = 'EIO';
  watchDisk((step) => (step === 'sync directory' ? code : null));
  assert.throws(() => writeDurably(path, 'text'), { code: 'EIO' });
  assert.throws(() => removeDurably(path), { code: 'EIO', message: /^cannot remove .*state\.json: EIO/ });
  for (code of ['EINVAL', 'ENOTSUP']) {
    writeDurably(path, code);
    assert.equal(readFileSync(path, 'utf8'), code);
    removeDurably(path);
    assert.equal(existsSync(path), false);
  }
});

test('a durable removal is on disk, and the file may have been gone before', () => {
  writeFileSync(path, 'old');
  const steps = watchDisk();
  removeDurably(path);
  assert.equal(existsSync(path), false);
  assert.deepEqual(steps.splice(0), ['remove state.json', 'sync directory']);
  removeDurably(path);
  assert.deepEqual(
    steps,
    ['remove state.json', 'sync directory'],
    'a removal before this one may not be synced',
  );
});

test('leftovers of a killed writer are removed, and nothing else', () => {
  const kept = ['a.json', 'notes.tmp', '1e99f4.log', 'a.12.tmp.bak'];
  for (const name of [...kept, 'a.json.12.tmp', '1e99f4.json.4194304.tmp'])
    writeFileSync(join(dir, name), '');
  mkdirSync(join(dir, 'b.1.tmp'));
  removeUnfinished(dir);
  assert.deepEqual(readdirSync(dir).sort(), [...kept, 'b.1.tmp'].sort());
  removeUnfinished(join(dir, 'nowhere'));
});

test('a file is replaced as a whole meanwhile, with the permissions that are asked for, and nothing is left of a failure', async () => {
  await replaceCrashSafe(path, 'one\n');
  assert.equal(statSync(path).mode & 0o777, 0o600);
  await replaceCrashSafe(path, 'two\n', 0o664);
  assert.deepEqual([readFileSync(path, 'utf8'), statSync(path).mode & 0o777], ['two\n', 0o664]);
  mkdirSync(join(dir, 'directory'));
  await assert.rejects(replaceCrashSafe(join(dir, 'directory'), 'x'), { code: 'EISDIR' });
  assert.deepEqual(readdirSync(dir).sort(), ['directory', 'state.json']);
});
