import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MessageRate } from '../../src/rpc/message-rate.ts';

test('a burst of five seconds passes, and then the rate per second', () => {
  const rate = new MessageRate(100, 0);
  for (let n = 0; n < 500; n++) assert.equal(rate.take(0), 0);
  assert.equal(rate.take(0), 20, 'two messages are owed: one that came, and the next');
  assert.equal(rate.wait(20), 0);
  assert.equal(rate.take(20), 0);
  assert.equal(rate.take(20), 20, 'and so on');
});

test('messages that arrive together are charged one by one', () => {
  const rate = new MessageRate(100, 0);
  for (let n = 0; n < 1_500; n++) rate.take(0);
  assert.equal(rate.wait(0), 10_010);
  assert.equal(rate.wait(10_000), 0);
});

test('after five quiet seconds the whole burst is available again', () => {
  const rate = new MessageRate(100, 0);
  for (let n = 0; n < 500; n++) rate.take(0);
  for (let n = 0; n < 500; n++) assert.equal(rate.take(5_000), 0);
  assert.ok(rate.take(5_000) > 0);
});

test('2,048 characters of an answer count as one message', () => {
  const rate = new MessageRate(100, 0);
  rate.charge(2_048 * 500, 0);
  assert.equal(rate.wait(0), 0);
  rate.charge(2_048 * 99, 0);
  assert.equal(rate.wait(0), 1_000);
});

test('a peer without a rate limit never waits', () => {
  const free = new MessageRate(Number.POSITIVE_INFINITY, 0);
  free.charge(1e12, 0);
  assert.equal(free.take(0), 0);
});
