import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parallelOf } from '../../src/app-file/parallel.ts';

test('a percentage of the wanted count is rounded down, and at least 1', () => {
  const quarter = { parallel: { percent: 25 } };
  assert.deepEqual(
    [0, 1, 3, 4, 7, 8, 100].map((count) => parallelOf(quarter, count)),
    [1, 1, 1, 1, 1, 2, 25],
  );
  assert.equal(parallelOf({ parallel: { percent: 100 } }, 7), 7);
  assert.equal(parallelOf({ parallel: 3 }, 100), 3);
});
