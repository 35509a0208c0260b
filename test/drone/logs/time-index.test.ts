import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { LogIndex } from '../../../src/drone/logs/time-index.ts';

let dir: string;
const path = () => join(dir, 'abcdef.idx');
const write = (records: number[][]) => writeFileSync(path(), new Float64Array(records.flat()));
const read = () => {
  const bytes = readFileSync(path());
  const numbers = new Float64Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
  return Array.from({ length: numbers.length / 2 }, (_, i) => [numbers[2 * i], numbers[2 * i + 1]]);
};

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
  test(`an index with ${name} goes on with what can be true`, () => {
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

test('a last record that was cut in half is written over', () => {
  write([A, B, C]);
  writeFileSync(path(), readFileSync(path()).subarray(0, 40));
  const index = new LogIndex(path());
  assert.equal(index.load(), 0);
  assert.equal(index.end, 20);
  index.add(50, 5000, 0);
  assert.equal(statSync(path()).size, 48);
});
