import assert from 'node:assert/strict';
import { appendFileSync, mkdirSync, statSync, truncateSync } from 'node:fs';
import { type TestContext, test } from 'node:test';
import { cut, isTooLong, linesBetween } from '../../../src/drone/logs/cap.ts';
import type { LogFile } from '../../../src/drone/logs/log-file.ts';
import { readMeta } from '../../../src/drone/logs/meta.ts';
import { append, logOf } from '../../fixtures/log-of.ts';
import { temporaryFolder } from '../../fixtures/temporary-folder.ts';

/** So many lines of eight bytes: `0000000\n`, `0000001\n`, … */
const numbered = (count: number) =>
  Array.from({ length: count }, (_, n) => `${String(n).padStart(7, '0')}\n`).join('');

const kept = async (file: LogFile) => String(await file.read(file.meta.start, 10_000_000));
const quiet = (line: string) => assert.fail(line);
const anyone = async () => {};
const linesIn = async (file: LogFile, from: number, to: number) => (await linesBetween(file, from, to)).lines;

/** A machine on which no holes can be made. */
function withoutFallocate(t: TestContext): void {
  const { PATH } = process.env;
  process.env['PATH'] = '/nowhere';
  t.after(() => {
    process.env['PATH'] = PATH;
  });
}

test('a log is too long if what is left of it is, no matter how much was cut before', (t) => {
  const folder = temporaryFolder(t);
  assert.equal(isTooLong(logOf(folder, 'x'.repeat(100)), 100), false);
  assert.equal(isTooLong(logOf(folder, 'x'), 100), true);
  assert.equal(isTooLong(logOf(folder, '', { start: 1 }), 100), false);
});

test('lines are counted between two offsets', async (t) => {
  const file = logOf(temporaryFolder(t), 'one\ntwo\nthree', { base: 100, start: 100 });
  assert.equal(await linesIn(file, 100, 113), 2);
  assert.equal(await linesIn(file, 100, 104), 1);
  assert.equal(await linesIn(file, 101, 103), 0);
  assert.equal(await linesIn(file, 104, 104), 0);
  assert.equal(await linesIn(file, 104, 9_999), 1, 'there is no more than there is');
});

test('whole lines are cut, oldest first, and counted; the disk gets their space back', async (t) => {
  const file = logOf(temporaryFolder(t), numbered(20_000));
  const starts: number[] = [];
  await cut(file, 80_000, async (start) => void starts.push(start), quiet);
  assert.deepEqual(starts, [file.meta.start]);
  assert.equal(file.end - file.meta.start, 70_000, 'an eighth of the cap is free again');
  assert.equal(file.meta.dropped, (160_000 - 70_000) / 8);
  assert.equal(await kept(file), numbered(20_000).slice(-70_000));
  assert.ok(statSync(file.path).blocks * 512 <= 70_000 + 2 * 4096);
  assert.deepEqual(readMeta(file.metaPath, file.meta.id).meta, file.meta);
});

test('the cut falls between two lines', async (t) => {
  const file = logOf(
    temporaryFolder(t),
    `${'x'.repeat(5_000)}\n${'y'.repeat(5_000)}\n${'z'.repeat(2_000)}\n`,
  );
  await cut(file, 8_000, anyone, quiet);
  assert.equal(await kept(file), `${'z'.repeat(2_000)}\n`);
  assert.equal(file.meta.dropped, 2);
});

test('a line that begins exactly at the cut is kept whole', async (t) => {
  const file = logOf(temporaryFolder(t), numbered(100));
  await cut(file, 64, anyone, quiet);
  assert.equal(await kept(file), numbered(100).slice(-56));
  assert.equal(file.meta.dropped, 93);
});

test('a log that is emptied by someone while it is cut begins where it was emptied', async (t) => {
  const file = logOf(temporaryFolder(t), numbered(20_000));
  const emptying = async () => {
    truncateSync(file.path);
    append(file, 'goes on\n');
  };
  await cut(file, 80_000, emptying, quiet);
  assert.deepEqual([file.meta.start, file.meta.base, file.end], [160_000, 160_000, 160_008]);
  assert.equal(await kept(file), 'goes on\n');
});

test('a line without an end is cut at the cap', async (t) => {
  const file = logOf(temporaryFolder(t), 'x'.repeat(20_000));
  await cut(file, 8_000, anyone, quiet);
  assert.equal(await kept(file), 'x'.repeat(7_000));
  assert.equal(file.meta.dropped, 0);
});

test('what the process prints during a cut is kept', async (t) => {
  const file = logOf(temporaryFolder(t), numbered(20_000));
  const printing = async () => appendFileSync(file.path, 'printed meanwhile\n');
  await cut(file, 80_000, printing, quiet);
  file.refresh();
  assert.match(await kept(file), /^\d{7}\n[\s\S]*0019999\nprinted meanwhile\n$/);
});

test('where holes are not supported, the whole log is emptied, and this is reported', async (t) => {
  withoutFallocate(t);
  const file = logOf(temporaryFolder(t), numbered(20_000));
  const problems: string[] = [];
  const starts: number[] = [];
  await cut(
    file,
    80_000,
    async (start) => void starts.push(start),
    (line) => problems.push(line),
  );
  assert.match(problems.join('\n'), /^cannot make a hole in .*: it is emptied whenever it is full$/);
  assert.deepEqual(file.meta, { ...file.meta, start: 160_000, base: 160_000, dropped: 20_000 });
  assert.equal(starts.at(-1), 160_000);
  assert.equal(statSync(file.path).size, 0);
  appendFileSync(file.path, 'goes on\n');
  file.refresh();
  assert.equal(await kept(file), 'goes on\n');
  assert.deepEqual(readMeta(file.metaPath, file.meta.id).meta, file.meta);
});

test('a description that cannot be written is reported, and the log is cut all the same', async (t) => {
  const file = logOf(temporaryFolder(t), numbered(20_000));
  mkdirSync(`${file.metaPath}/in-the-way`, { recursive: true });
  const problems: string[] = [];
  await cut(file, 80_000, anyone, (line) => problems.push(line));
  assert.match(problems.join('\n'), /^cannot write .*\.json: /);
  assert.equal(file.end - file.meta.start, 70_000);
  assert.equal(file.unsaved, true);
});

test('a log that grows faster than it can be counted is cut at once, and counted as at least that many lines', async (t) => {
  const MIB = 1024 * 1024;
  const file = logOf(temporaryFolder(t), numbered((20 * MIB) / 8));
  const starts: number[] = [];
  await cut(file, MIB, async (start) => void starts.push(start), quiet);
  assert.deepEqual(starts, [file.meta.start], 'in one cut');
  assert.equal(file.meta.start, file.end - (MIB / 8) * 7);
  assert.ok(file.meta.dropped >= 1);
  assert.equal(file.meta.atLeast, true);
  assert.equal(readMeta(file.metaPath, file.meta.id).meta.atLeast, true);
});
