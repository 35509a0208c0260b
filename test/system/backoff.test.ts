import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { backoffMs } from '../../src/system/backoff.ts';

test('the wait doubles with each failure, up to the maximum', () => {
  const backoff = { firstMs: 100, longestMs: 8_000, spread: 0 };
  const waits = [0, 1, 2, 3, 6, 7, 100, 5_000].map((n) => backoffMs(n, backoff));
  assert.deepEqual(waits, [100, 200, 400, 800, 6_400, 8_000, 8_000, 8_000]);
});

test('the wait varies in both directions by its share, and never more', () => {
  const backoff = { firstMs: 1_000, longestMs: 60_000, spread: 0.25 };
  const at = (random: number) => backoffMs(0, backoff, () => random);
  assert.deepEqual([at(0), at(0.5), at(1)], [750, 1_000, 1_250]);
  const any = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
  fc.assert(
    fc.property(fc.nat(2_000), any, (n, random) => {
      const wait = backoffMs(n, backoff, () => random);
      assert.ok(wait >= 750 && wait <= 75_000);
    }),
  );
});
