import assert from 'node:assert/strict';
import { test } from 'node:test';
import { upkeepOf } from '../../../src/drone/releases/mirror-upkeep.ts';

const TIDY = { packs: 1, looseInOneFolder: 1, looseRefs: 1 };
const CLUTTERED = { ...TIDY, packs: 51 };

const CASES = [
  [1, 0, TIDY, null],
  [1, 10, TIDY, null],
  [1, 10, CLUTTERED, 'pack'],
  [1, 11, TIDY, 'forget'],
  [1, 11, CLUTTERED, 'forget'],
  [0, 0, TIDY, 'remove'],
  [0, 11, CLUTTERED, 'remove'],
] as const;

for (const [needed, unneeded, clutter, expected] of CASES) {
  test(`of a mirror with ${needed} commits that are needed, ${unneeded} others, ${clutter.packs} packs: ${expected ?? 'it stays'}`, () => {
    assert.equal(upkeepOf(needed, unneeded, clutter), expected);
  });
}
