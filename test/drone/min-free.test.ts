import assert from 'node:assert/strict';
import { test } from 'node:test';
import { keptBytes, type MinFree } from '../../src/drone/min-free.ts';

const GB = 1e9;
const CASES: [MinFree | undefined, number, number][] = [
  [undefined, 2 * GB, 0.1 * GB],
  [undefined, 10 * GB, 0.5 * GB],
  [undefined, 4000 * GB, 0.5 * GB],
  ['5%', 4000 * GB, 200 * GB],
  ['0.5%', 100 * GB, 0.5 * GB],
  [1000, 4000 * GB, 1000],
  [0, 10 * GB, 0],
];

for (const [minFree, total, kept] of CASES) {
  test(`of ${total / GB} GB, ${minFree ?? 'the default'} keeps ${kept} bytes free`, () => {
    assert.equal(keptBytes(minFree, total), kept);
  });
}
