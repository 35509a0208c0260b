import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FleetError } from '../../src/protocol/errors.ts';
import { EMPTY } from '../../src/rpc/frames.ts';
import { PendingCalls } from '../../src/rpc/pending-calls.ts';
import { Clock } from '../fixtures/clock.ts';

/** Starts a call without a time limit; returns its number and its answer. */
function begin(calls: PendingCalls) {
  let id = 0;
  const answer = calls.start('echo', 0, (given) => {
    id = given;
  });
  return { id, answer };
}

test('each call gets its own answer, in whatever order they arrive', async () => {
  const calls = new PendingCalls();
  const [first, second] = [begin(calls), begin(calls)];
  assert.notEqual(first.id, second.id);
  assert.ok(first.id > 0 && second.id > 0, '0 is for notifications');
  const body = Buffer.from('bytes');
  calls.settle(second.id, '', '{"n":2}', body);
  calls.settle(first.id, '', 'null', EMPTY);
  assert.deepEqual(await second.answer, { result: { n: 2 }, body });
  assert.deepEqual(await first.answer, { result: null, body: EMPTY });
  assert.equal(calls.size, 0);
});

test('an error keeps its code, and an unknown one from a newer peer becomes EPROTOCOL', async () => {
  const calls = new PendingCalls();
  for (const [code, expected] of [
    ['ENODRONE', 'ENODRONE'],
    ['EFUTURE', 'EPROTOCOL'],
    ['constructor', 'EPROTOCOL'],
  ]) {
    const { id, answer } = begin(calls);
    calls.settle(id, JSON.stringify({ code, message: 'not here' }), 'null', EMPTY);
    await assert.rejects(answer, { code: expected, message: 'not here' });
  }
});

test('an answer that is not JSON rejects its call, and the reader is told', async () => {
  const calls = new PendingCalls();
  for (const [error, result] of [
    ['', '{'],
    ['', ''],
    ['oops', 'null'],
    ['null', 'null'],
  ] as const) {
    const { id, answer } = begin(calls);
    assert.throws(() => calls.settle(id, error, result, EMPTY), { code: 'EPROTOCOL' });
    await assert.rejects(answer, { code: 'EPROTOCOL', message: 'the answer is not JSON' });
  }
  assert.equal(calls.size, 0);
});

test('an answer that nobody waits for is ignored, whatever it contains', async () => {
  const calls = new PendingCalls();
  const { id, answer } = begin(calls);
  calls.settle(id, '', '1', EMPTY);
  for (const late of [id, 0, -1, 99]) calls.settle(late, '', '{', EMPTY);
  assert.equal((await answer).result, 1);
});

test('a call without an answer in time ends with ETIMEOUT, and one without a timeout keeps waiting', async (t) => {
  const clock = new Clock(t);
  const calls = new PendingCalls();
  let id = 0;
  const timed = calls.start('ps', 2_500, (given) => {
    id = given;
  });
  const untimed = begin(calls);
  clock.pass(2_499);
  assert.equal(calls.size, 2);
  clock.pass(1);
  await assert.rejects(timed, { code: 'ETIMEOUT', message: 'no answer to ps within 2.5 s' });
  calls.settle(id, '', '"too late"', EMPTY);
  clock.pass(1_000_000);
  assert.equal(calls.size, 1);
  calls.settle(untimed.id, '', '1', EMPTY);
  assert.equal((await untimed.answer).result, 1);
});

test('a call that cannot be sent fails with the reason, and does not count', async () => {
  const calls = new PendingCalls();
  const sent = calls.start('spawn', 60_000, () => {
    throw new FleetError('ELIMIT', 'too large');
  });
  await assert.rejects(sent, { code: 'ELIMIT', message: 'too large' });
  assert.equal(calls.size, 0);
});

test('when the connection ends, all waiting calls are told why, and no timer is left', async () => {
  const timers = () => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;
  const before = timers();
  const calls = new PendingCalls();
  const waiting = Array.from({ length: 10 }, () => calls.start('echo', 60_000, () => {}));
  const why = new FleetError('ECLOSED', 'the hub is going away');
  calls.rejectAll(why);
  for (const result of await Promise.allSettled(waiting))
    assert.ok(result.status === 'rejected' && result.reason === why);
  assert.equal(calls.size, 0);
  assert.ok(timers() <= before, 'no timer is left');
});
