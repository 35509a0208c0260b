import assert from 'node:assert/strict';
import { closeSync, existsSync, mkdirSync, readFileSync, statSync, truncateSync, writeSync } from 'node:fs';
import { test } from 'node:test';
import { readMeta } from '../../../src/drone/logs/meta.ts';
import { append, logOf } from '../../fixtures/log-of.ts';
import { temporaryFolder } from '../../fixtures/temporary-folder.ts';

test('output of a process is appended to its log, which only its owner can read', (t) => {
  const file = logOf(temporaryFolder(t), '');
  file.remove();
  const [one, other] = [file.openForAppend(), file.openForAppend()];
  try {
    writeSync(one, 'one\n');
    writeSync(other, 'two\n');
    writeSync(one, 'three\n');
  } finally {
    closeSync(one);
    closeSync(other);
  }
  assert.equal(readFileSync(file.path, 'utf8'), 'one\ntwo\nthree\n');
  assert.equal(statSync(file.path).mode & 0o777, 0o600);
});

test('growth is reported as what is new', (t) => {
  const file = logOf(temporaryFolder(t), 'one\n');
  assert.deepEqual([file.end, file.refresh()], [4, 0]);
  append(file, 'two\n');
  assert.equal(file.end, 8);
});

test('a log that was removed, and one that never existed, have nothing new', (t) => {
  const file = logOf(temporaryFolder(t), 'one\n');
  file.remove();
  assert.equal(file.refresh(), 0);
  assert.equal(file.end, 4);
});

test('a log that was emptied by someone continues at its old end: offsets never go backwards', async (t) => {
  const file = logOf(temporaryFolder(t), 'one\ntwo\n');
  truncateSync(file.path);
  append(file, 'x\n');
  assert.deepEqual([file.meta.base, file.meta.start, file.end], [8, 8, 10]);
  assert.equal(file.unsaved, true, 'the description on disk does not know of it');
  assert.equal(String(await file.read(8, 100)), 'x\n');
});

test('offsets count from the very first byte, no matter what was cut', async (t) => {
  const file = logOf(temporaryFolder(t), 'two\nthree\n', { start: 104, base: 100, dropped: 9 });
  assert.equal(file.end, 110);
  assert.equal(String(await file.read(104, 3)), 'thr');
  assert.equal(String(await file.read(104, 100)), 'three\n');
  assert.equal((await file.read(110, 100)).length, 0);
  const buffer = Buffer.alloc(3);
  assert.equal(file.readInto(buffer, 100, 3), 3);
  assert.equal(String(buffer), 'two');
});

const FAR = 4 * 1024 * 1024;

for (const [what, text, meta, end] of [
  ['an empty log', '', {}, 0],
  ['whole lines', 'one\ntwo\n', {}, 8],
  ['an unfinished line', 'one\ntw', {}, 4],
  ['nothing but an unfinished line', 'on', {}, 0],
  ['an unfinished line behind what was cut away', 'one\ntw', { start: 4 }, 4],
  ['the last line of a process that was stopped', 'one\ntw', { stoppedAt: 1 }, 6],
  ['an unfinished line of more than a block', `one\n${'x'.repeat(10_000)}`, {}, 4],
  ['a line without an end in sight', `one\n${'x'.repeat(FAR)}`, {}, 4 + FAR],
  ['the longest line whose end is looked for', `one\n${'x'.repeat(FAR - 1)}`, {}, 4],
] as const) {
  test(`reading ends with the last whole line: ${what}`, (t) => {
    assert.equal(logOf(temporaryFolder(t), text, meta).lineEnd(), end);
  });
}

test('an unfinished line is ended, and a finished one left alone', (t) => {
  const folder = temporaryFolder(t);
  for (const [text, ended] of [
    ['no end', 'no end\n'],
    ['one\n', 'one\n'],
    ['', ''],
  ] as const) {
    const file = logOf(folder, text);
    file.endLine();
    assert.equal(readFileSync(file.path, 'utf8'), ended);
    file.remove();
  }
});

test('a description that cannot be written is known to be unsaved until it is', (t) => {
  const folder = temporaryFolder(t);
  const file = logOf(folder, 'one\n', { start: 4, dropped: 1 });
  mkdirSync(`${file.metaPath}/in-the-way`, { recursive: true });
  assert.throws(() => file.save(), { code: 'EIO' });
  assert.equal(file.unsaved, true);
  const other = logOf(folder, '', { id: 'd7048a', start: 4, dropped: 1 });
  other.save();
  assert.equal(other.unsaved, false);
  assert.deepEqual(readMeta(other.metaPath, other.meta.id), { meta: other.meta, damaged: false });
});

test('removing a log leaves nothing behind', (t) => {
  const file = logOf(temporaryFolder(t), 'one\n');
  file.save();
  closeSync(file.openForAppend());
  file.remove();
  file.remove();
  assert.deepEqual([file.path, file.metaPath, file.indexPath].filter(existsSync), []);
});
