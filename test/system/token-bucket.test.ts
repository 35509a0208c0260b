import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TokenBucket } from '../../src/system/token-bucket.ts';

const take = (bucket: TokenBucket, times: number, now: number) =>
  Array.from({ length: times }, () => bucket.take(now)).filter(Boolean).length;

test('a burst passes, and then what comes in each second', () => {
  const bucket = new TokenBucket({ capacity: 50, perSecond: 5 }, 0);
  assert.equal(take(bucket, 1_000, 0), 50);
  assert.equal(take(bucket, 1_000, 1_000), 5);
  assert.equal(take(bucket, 1_000, 1_100), 0, 'half a token is none');
  assert.equal(take(bucket, 1_000, 1_200), 1);
});

test('it never holds more than its capacity, however long it was quiet', () => {
  const bucket = new TokenBucket({ capacity: 50, perSecond: 5 }, 0);
  assert.equal(take(bucket, 1_000, 86_400_000), 50);
});

test('what is spent beyond the last token is owed, and waited for', () => {
  const bucket = new TokenBucket({ capacity: 500, perSecond: 100 }, 0);
  bucket.spend(500, 0);
  assert.equal(bucket.waitMs(0), 0, 'the last token is not owed');
  bucket.spend(1, 0);
  assert.equal(bucket.waitMs(0), 20, 'the one that is owed, and the next');
  assert.equal(bucket.waitMs(5), 15);
  assert.equal(bucket.waitMs(20), 0);
});

test('a bucket with an infinite rate is never empty', () => {
  const bucket = new TokenBucket({ capacity: 5 * Infinity, perSecond: Infinity }, 0);
  bucket.spend(1e12, 0);
  assert.equal(bucket.waitMs(0), 0);
  bucket.spend(1e12, 1_000);
  assert.equal(bucket.waitMs(1_000), 0);
  assert.equal(bucket.take(1_000), true);
});

test('a clock that stands still or goes backwards adds no tokens, and removes none', () => {
  const bucket = new TokenBucket({ capacity: 1, perSecond: 1 }, 1_000);
  assert.equal(bucket.take(1_000), true);
  assert.equal(bucket.take(0), false);
  assert.equal(bucket.take(1_000), false);
  assert.equal(bucket.take(2_000), true);
});
