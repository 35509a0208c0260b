import assert from 'node:assert/strict';
import { test } from 'node:test';
import { failuresAfter, respawnDelayMs } from '../../../src/drone/processes/backoff.ts';

test('restarts wait 1 s, doubling to 60 s, give or take a quarter', () => {
  const plain = () => 0.5;
  const waits = [1, 2, 3, 4, 5, 6, 7, 8, 1000].map((n) => respawnDelayMs(n, plain));
  assert.deepEqual(waits, [1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000, 60_000]);
  assert.equal(
    respawnDelayMs(1, () => 0),
    750,
  );
  assert.equal(
    respawnDelayMs(7, () => 1),
    75_000,
  );
});

test('after ten healthy minutes the count starts over', () => {
  assert.equal(failuresAfter(5, 599_999), 6);
  assert.equal(failuresAfter(5, 600_000), 1);
});
