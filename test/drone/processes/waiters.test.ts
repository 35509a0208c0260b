import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Waiters } from '../../../src/drone/processes/waiters.ts';

test('everybody who waits for a request gets the answer to it, and nobody else does', async () => {
  const waiters = new Waiters();
  const stops = [waiters.answerTo('stop'), waiters.answerTo('stop')];
  const spawn = waiters.answerTo('spawn');
  waiters.answer(['stop', 'restart'], true);
  assert.deepEqual(await Promise.all(stops), [true, true]);
  waiters.answer(['spawn'], false);
  assert.equal(await spawn, false);
});

test('a refusal rejects the callers of all named requests with its reason', async () => {
  const waiters = new Waiters();
  const refused = (['spawn', 'restart'] as const).map((request) => waiters.answerTo(request));
  const why = new Error('going away');
  waiters.refuse(['spawn', 'restart'], why);
  for (const caller of refused) await assert.rejects(caller, why);
});

test('an answer is for those who wait now: the next caller gets the next one', async () => {
  const waiters = new Waiters();
  const first = waiters.answerTo('stop');
  waiters.answer(['stop'], false);
  const second = waiters.answerTo('stop');
  waiters.answer(['stop'], true);
  assert.deepEqual(await Promise.all([first, second]), [false, true]);
});
