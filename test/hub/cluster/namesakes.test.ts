import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isDisplaced, yieldsTo } from '../../../src/hub/cluster/namesakes.ts';

const aged = (start: string, age: number | null) => ({
  hub: {
    ...{ name: 'h1', start, version: '1.0.0', features: [] },
    ...{ advertise: null, git: null, fingerprint: null },
  },
  age,
});

const CASES: [own: number | null, other: number | null, yields: boolean, isDisplaced: boolean][] = [
  [60_000, 5_000, true, true],
  [5_000, 60_000, false, false],
  // They were started at the same moment: one of them goes.
  [1_000, 1_050, false, false],
  [1_050, 1_000, false, false],
  [null, 5_000, false, false],
  [5_000, null, false, false],
];

for (const [own, other, yields, displaced] of CASES)
  test(`of two hubs of a name, one that is there for ${own} ms and another for ${other} ms`, () => {
    assert.equal(yieldsTo(aged('a', own), aged('b', other)), yields);
    assert.equal(isDisplaced(aged('a', own), aged('b', other)), displaced);
  });

test('of two hubs that were started at the same moment, one goes', () => {
  const [a, b] = [aged('a', 1_000), aged('b', 1_020)];
  assert.deepEqual([yieldsTo(a, b), yieldsTo(b, a)], [false, true]);
});
