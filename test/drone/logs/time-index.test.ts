import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import fc from 'fast-check';
import { LogIndex } from '../../../src/drone/logs/time-index.ts';

let dir: string;
const path = () => join(dir, 'abcdef.idx');
const write = (records: number[][]) => writeFileSync(path(), new Float64Array(records.flat()));
const read = () => {
  const bytes = readFileSync(path());
  const numbers = new Float64Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
  return Array.from({ length: numbers.length / 2 }, (_, i) => [numbers[2 * i], numbers[2 * i + 1]]);
};

const RECORD_BYTES = 16;

function loaded(file: string): LogIndex {
  const index = new LogIndex(file);
  index.load();
  return index;
}

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'fleet-test-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const [A, B, C, D] = [
  [1000, 10],
  [2000, 20],
  [3000, 30],
  [4000, 40],
] as [number[], number[], number[], number[]];

/** What is on disk, and what is taken of it. */
const DAMAGES: [string, number[][], number[][]][] = [
  ['nothing', [A, B, C, D], [A, B, C, D]],
  ['an end that is a fraction', [A, [2000, 20.5], C, D], [A, C, D]],
  ['an end of 1e300', [A, B, C, [4000, 1e300]], [A, B, C]],
  ['an end that is not a number', [A, [2000, Number.NaN], C, D], [A, C, D]],
  ['a negative end', [[1000, -10], B, C, D], [B, C, D]],
  ['a time that no date can hold', [A, [1e16, 20], C, D], [A, C, D]],
  ['a time that is not a number', [[Number.NaN, 10], B, C, D], [B, C, D]],
  ['an infinite time', [A, B, [Number.POSITIVE_INFINITY, 30], D], [A, B, D]],
  ['zeros at its end, as after a power cut', [A, B, [0, 0], [0, 0]], [A, B]],
  ['one end that is far too large', [A, [2000, 4e15], C, D], [A, C, D]],
  ['one time that is far too late', [A, [4e15, 20], C, D], [A, C, D]],
  ['one end that is far too small', [A, B, [3000, 1], D], [A, B, D]],
  ['nothing but nonsense', [[Number.NaN, 1e300]], []],
];

for (const [name, onDisk, taken] of DAMAGES) {
  test(`an index with ${name} keeps the records that can be true`, () => {
    write(onDisk);
    const index = new LogIndex(path());
    assert.equal(index.load(), onDisk.length - taken.length);
    assert.deepEqual(read(), taken);
    assert.deepEqual([index.time, index.end], taken.at(-1) ?? [0, 0]);
    index.add(100, 5000, 0);
    assert.deepEqual(read(), [...taken, [5000, 100]]);
    const times = index.times(0, 100);
    assert.deepEqual(JSON.parse(JSON.stringify(times)), times);
    assert.deepEqual(
      times,
      times.toSorted(([a], [b]) => a - b),
    );
    assert.equal(new LogIndex(path()).load(), 0, 'it is whole again');
  });
}

test('a last record that was cut in half is overwritten', () => {
  write([A, B, C]);
  writeFileSync(path(), readFileSync(path()).subarray(0, 40));
  const index = new LogIndex(path());
  assert.equal(index.load(), 0);
  assert.equal(index.end, 20);
  index.add(50, 5000, 0);
  assert.equal(statSync(path()).size, 48);
});

test('the index returns when a byte was written', () => {
  const index = new LogIndex(path());
  index.add(10, 1_000, 0);
  index.add(30, 2_000, 0);
  index.add(35, 3_000, 0);
  assert.deepEqual([index.end, index.time], [35, 3_000]);
  assert.deepEqual(index.times(0, 35), [
    [0, 1_000],
    [10, 2_000],
    [30, 3_000],
  ]);
  assert.deepEqual(index.times(10, 30), [[10, 2_000]]);
  assert.deepEqual(index.times(12, 31), [
    [10, 2_000],
    [30, 3_000],
  ]);
  assert.deepEqual(index.times(35, 35), []);
  assert.deepEqual(
    [0, 1_000, 1_001, 2_000, 3_000, 3_001].map((time) => index.since(time)),
    [0, 0, 10, 10, 30, null],
  );
});

test('an empty index returns no times', () => {
  const index = new LogIndex(path());
  for (const empty of [index, loaded(path())]) {
    assert.deepEqual([empty.end, empty.time, empty.since(0)], [0, 0, null]);
    assert.deepEqual(empty.times(0, 100), []);
  }
});

test('nothing is recorded if nothing was written', () => {
  const index = new LogIndex(path());
  index.add(10, 1_000, 0);
  index.add(10, 2_000, 0);
  index.add(4, 3_000, 0);
  assert.equal(statSync(path()).size, RECORD_BYTES);
  assert.deepEqual([index.end, index.time], [10, 1_000]);
});

test('writes in quick succession are one record', () => {
  const index = new LogIndex(path());
  for (let n = 1; n <= 50; n++) index.add(n, 1_000 + n - 1, 0);
  assert.equal(statSync(path()).size, RECORD_BYTES);
  index.add(51, 1_050, 0);
  assert.equal(statSync(path()).size, 2 * RECORD_BYTES);
  assert.deepEqual(index.times(0, 51), [
    [0, 1_000],
    [50, 1_050],
  ]);
});

test('times never go backwards, whatever the clock does', () => {
  const index = new LogIndex(path());
  index.add(10, 5_000, 0);
  index.add(20, 1_000, 0);
  index.add(30, 6_000, 0);
  assert.deepEqual(index.times(0, 30), [
    [0, 5_000],
    [10, 5_000],
    [20, 6_000],
  ]);
});

test('a full disk costs no records: the next attempt writes all of them', () => {
  const index = new LogIndex(join(dir, 'later/abcdef.idx'));
  assert.throws(() => index.add(10, 1_000, 0), { code: 'ENOENT' });
  assert.deepEqual([index.end, index.time], [0, 0]);
  mkdirSync(join(dir, 'later'));
  index.add(20, 2_000, 0);
  assert.deepEqual(index.times(0, 20), [[0, 2_000]]);
});

test('the index stays within its size: old times get coarser, and those of cut lines are forgotten', () => {
  const index = new LogIndex(path(), 64);
  const all = 1_000;
  for (let n = 1; n <= all; n++) {
    index.add(10 * n, 1_000 * n, 10 * Math.max(0, n - 500));
    assert.ok(statSync(path()).size <= 64 * RECORD_BYTES);
  }
  assert.deepEqual([index.end, index.time], [10 * all, 1_000 * all]);
  const times = index.times(10 * (all - 10), 10 * all);
  assert.equal(times.length, 10, 'what is new is exact');
  assert.ok((read()[0]?.[1] ?? 0) > 10 * (all - 600), 'what was cut away is forgotten');
});

/** Bytes that were written within so many milliseconds share a time. */
const SPACING_MS = 50;

test('no byte gets a time before it was written, and every byte has one, whatever was written when', () => {
  const steps = fc.array(
    fc.record({ bytes: fc.integer({ min: 1, max: 50 }), passedMs: fc.integer({ min: -500, max: 500 }) }),
    { minLength: 1, maxLength: 60 },
  );
  let runs = 0;
  fc.assert(
    fc.property(steps, fc.nat(), fc.nat(), (written, a, b) => {
      const file = join(dir, `${runs++}.idx`);
      const index = new LogIndex(file, 16);
      const pieces: { from: number; time: number }[] = [];
      let end = 0;
      let clock = 10_000;
      for (const { bytes, passedMs } of written) {
        clock += passedMs;
        pieces.push({ from: end, time: Math.max(clock, pieces.at(-1)?.time ?? 0) });
        end += bytes;
        index.add(end, clock, 0);
      }
      for (const { from, time } of pieces) {
        const at = index.times(from, from + 1)[0];
        assert.ok(at && at[0] <= from && at[1] > time - SPACING_MS);
        const since = index.since(time - SPACING_MS + 1);
        assert.ok(since !== null && since <= from);
      }
      const [from = 0, to = 0] = [a % (end + 1), b % (end + 1)].sort((x, y) => x - y);
      const times = index.times(from, to);
      const sorted = times.toSorted((x, y) => x[0] - y[0] || x[1] - y[1]);
      assert.deepEqual(times, sorted);
      assert.deepEqual(loaded(file).times(from, to), times);
    }),
    { numRuns: 30 },
  );
});
