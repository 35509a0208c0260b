import assert from 'node:assert/strict';
import { test } from 'node:test';
import { endsIn, isHeld, renewed, renewIn, tryIn } from '../../../src/hub/leases/tenure.ts';

const TENURE = { count: 7, revision: 9, sentAt: 1_000 };
const LEASE_MS = 30_000;

const CASES: [now: number, held: boolean, renewInMs: number, endsInMs: number][] = [
  [1_000, true, 10_000, 20_000],
  [6_000, true, 5_000, 15_000],
  [11_000, true, 0, 10_000],
  [20_999, true, 0, 1],
  [21_000, false, 0, 0],
  [3_600_000, false, 0, 0],
];

for (const [now, held, renewInMs, endsInMs] of CASES)
  test(`a lease of 30 s, ${(now - 1_000) / 1_000} s after its renewal was sent`, () => {
    assert.deepEqual(
      [isHeld(TENURE, now, LEASE_MS), renewIn(TENURE, now, LEASE_MS), endsIn(TENURE, now, LEASE_MS)],
      [held, renewInMs, endsInMs],
    );
  });

test('a renewal counts from when it was sent, and leaves the fence as it is', () => {
  assert.deepEqual(renewed(TENURE, 12, 8_000), { count: 7, revision: 12, sentAt: 8_000 });
});

test('those who wait try at different moments, several times while a lease lasts', () => {
  assert.deepEqual([tryIn(LEASE_MS, 0), tryIn(LEASE_MS, 1)], [2_500, 5_000]);
});
