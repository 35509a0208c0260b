import assert from 'node:assert/strict';
import { test } from 'node:test';
import { expired } from '../../../src/hub/audit/trail-files.ts';

const KEEP = { maxBytes: 100, maxAgeMs: 1000 };
const file = (time: number, bytes = 20) => ({ time, bytes });

const cases: [what: string, files: ReturnType<typeof file>[], currentBytes: number, gone: number][] = [
  ['none', [], 500, 0],
  ['those that fit and are young stay', [file(9_100), file(9_200)], 20, 0],
  ['what is too old goes', [file(8_000), file(8_999), file(9_000)], 20, 2],
  ['what is too much goes, the oldest first', [file(9_100), file(9_200), file(9_300)], 60, 1],
  ['a large current file leaves room for nothing else', [file(9_100), file(9_200)], 200, 2],
  ['no gap is left where a clock went back', [file(9_100), file(1_000), file(9_200)], 20, 2],
];

for (const [what, files, currentBytes, gone] of cases)
  test(`full files: ${what}`, () =>
    assert.deepEqual(expired(files, KEEP, currentBytes, 10_000), files.slice(0, gone)));
