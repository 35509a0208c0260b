import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Budgets, perSecond } from '../../../src/hub/audit/budgets.ts';

const DAY_MS = 86_400_000;
const KEEP = { maxBytes: 1024 ** 3, maxAgeMs: 90 * DAY_MS };

test('one token alone does not fill the trail before its entries are old', () => {
  assert.ok(perSecond(KEEP) * 90 * 86_400 <= KEEP.maxBytes);
  assert.ok(perSecond(KEEP) > 100);
  assert.equal(perSecond({ ...KEEP, maxBytes: 1 }), 64);
  assert.equal(perSecond({ ...KEEP, maxAgeMs: 1 }), 1_024);
});

test('a token that has written a lot waits, one call after the other, and nobody else does', async () => {
  const budgets = new Budgets(KEEP);
  const giveBack = await budgets.reserve('ci', 1024 * 1024);
  budgets.charge('ci', 100_000);
  let waited = 0;
  void budgets.reserve('ci', 10).then(() => waited++);
  await budgets.reserve('other', 10);
  await budgets.reserve('secret', 10 ** 9);
  await budgets.reserve('secret', 10 ** 9);
  assert.equal(waited, 0);
  giveBack();
  await budgets.reserve('again', 10);
  assert.equal(waited, 0, 'it waits for what it was told');
});

test('what was kept for a call is given back once its entry was charged', async () => {
  const budgets = new Budgets(KEEP);
  for (let n = 0; n < 100; n++) {
    const giveBack = await budgets.reserve('ci', 900_000);
    budgets.charge('ci', 100);
    giveBack();
  }
});
