import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Budgets, perSecond } from '../../../src/hub/audit/budgets.ts';
import { FleetError } from '../../../src/protocol/errors.ts';

const DAY_MS = 86_400_000;
/** A caller that stays. */
const NEVER = new AbortController().signal;
const KEEP = { maxBytes: 1024 ** 3, maxAgeMs: 90 * DAY_MS };

test('one token alone does not fill the trail before its entries are old', () => {
  assert.ok(perSecond(KEEP) * 90 * 86_400 <= KEEP.maxBytes);
  assert.ok(perSecond(KEEP) > 100);
  assert.equal(perSecond({ ...KEEP, maxBytes: 1 }), 64);
  assert.equal(perSecond({ ...KEEP, maxAgeMs: 1 }), 1_024);
});

test('a token that has written a lot waits, one call after the other, and nobody else does', async () => {
  const budgets = new Budgets(KEEP);
  const giveBack = await budgets.reserve('ci', 1024 * 1024, NEVER);
  budgets.charge('ci', 100_000);
  let waited = 0;
  void budgets.reserve('ci', 10, NEVER).then(() => waited++);
  await budgets.reserve('other', 10, NEVER);
  await budgets.reserve('secret', 10 ** 9, NEVER);
  await budgets.reserve('secret', 10 ** 9, NEVER);
  assert.equal(waited, 0);
  giveBack();
  await budgets.reserve('again', 10, NEVER);
  assert.equal(waited, 0, 'it waits for what it was told');
});

test('what was kept for a call is given back once its entry was charged', async () => {
  const budgets = new Budgets(KEEP);
  for (let n = 0; n < 100; n++) {
    const giveBack = await budgets.reserve('ci', 900_000, NEVER);
    budgets.charge('ci', 100);
    giveBack();
  }
});

test('whoever goes away waits no longer, and keeps nobody waiting', async () => {
  const budgets = new Budgets(KEEP);
  await budgets.reserve('ci', 1024 * 1024, NEVER);
  budgets.charge('ci', 10 ** 9);
  const gone = new AbortController();
  const waiting = [1, 2, 3].map(() => budgets.reserve('ci', 10 ** 9, gone.signal));
  const outcomes = Promise.allSettled(waiting);
  gone.abort(new FleetError('ECLOSED', 'gone'));
  for (const outcome of await outcomes)
    assert.equal(outcome.status === 'rejected' && outcome.reason.code, 'ECLOSED');
});
