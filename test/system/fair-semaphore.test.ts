import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { FairSemaphore } from '../../src/system/fair-semaphore.ts';

/** Who is let in, in that order, and what releases their places. */
function entered(semaphore: FairSemaphore) {
  const order: string[] = [];
  const ends: (() => void)[] = [];
  const enter = (whose: string | null) =>
    void semaphore.enter(whose).then((leave) => {
      order.push(whose ?? '-');
      ends.push(leave);
    });
  return { order, ends, enter };
}

test('those with one name have at most half of the places, and others enter meanwhile', async () => {
  const { order, ends, enter } = entered(new FairSemaphore(4));
  for (const whose of ['a', 'a', 'a', 'a', 'b']) enter(whose);
  await nextTurn();
  assert.equal(order.join(''), 'aab');
  ends[0]?.();
  ends[0]?.();
  await nextTurn();
  assert.equal(order.join(''), 'aaba', 'a place that is released twice is one place');
  enter('c');
  await nextTurn();
  assert.equal(order.join(''), 'aabac');
});

test('whoever has the fewest inside is next, and then whoever came first', async () => {
  const { order, ends, enter } = entered(new FairSemaphore(4));
  for (const whose of ['a', 'a', 'b', 'b', 'a', 'b', 'b', 'c', 'd']) enter(whose);
  await nextTurn();
  assert.equal(order.join(''), 'aabb');
  for (let n = 0; n < 5; n++) {
    ends.shift()?.();
    await nextTurn();
  }
  assert.equal(order.join(''), 'aabbcadbb');
});

test('whoever has no name may have all places', async () => {
  const { order, enter } = entered(new FairSemaphore(2));
  for (let n = 0; n < 3; n++) enter(null);
  await nextTurn();
  assert.equal(order.join(''), '--');
});

test('a holder that stays too long keeps nobody out', async (t: TestContext) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const { order, enter } = entered(new FairSemaphore(2, 20));
  for (const whose of ['a', 'a', 'a']) enter(whose);
  await nextTurn();
  assert.equal(order.join(''), 'a');
  t.mock.timers.tick(20);
  await nextTurn();
  assert.equal(order.join(''), 'aa');
});
