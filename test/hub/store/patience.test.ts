import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Patience } from '../../../src/hub/store/patience.ts';

test('the longer the engine is silent, the shorter others wait for it, but for one try at least', () => {
  const patience = new Patience(10_000, 2_000);
  assert.equal(patience.until(1_000), 11_000);
  patience.unanswered(1_000);
  assert.equal(patience.until(4_000), 11_000);
  patience.unanswered(4_000);
  assert.equal(patience.until(20_000), 22_000);
  assert.equal(patience.silentMs(20_000), 19_000);
  patience.answered();
  assert.equal(patience.silentMs(20_000), null);
  assert.equal(patience.until(20_000), 30_000);
});

test('nobody waits longer than anybody may', () => {
  const patience = new Patience(1_500, 2_000);
  patience.unanswered(0);
  assert.equal(patience.until(60_000), 61_500);
});
