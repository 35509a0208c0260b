import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nextHubAfter, redialDelay, redialDelayOfSeveral } from '../../src/drone/redial.ts';

test('a drone redials soon, and at most every 45 s, each at its own time', () => {
  assert.equal(
    redialDelay(0, () => 0),
    125,
  );
  assert.ok(redialDelay(100, () => 0.999) < 45_000);
  assert.equal(new Set(Array.from({ length: 100 }, () => redialDelay(3))).size, 100);
});

test('a drone that has several hubs goes on to the next within a second', () => {
  assert.deepEqual(
    [0, 0.5].map((random) => redialDelayOfSeveral(0, () => random)),
    [0, 500],
  );
  assert.equal(
    redialDelayOfSeveral(3, () => 0.5),
    redialDelay(2, () => 0.5),
  );
});

test('a hub that does not answer has a second, and longer if none of them has answered again and again', () => {
  assert.deepEqual([0, 1, 2, 3, 100].map(nextHubAfter), [1_000, 1_000, 2_000, 3_000, 3_000]);
});
