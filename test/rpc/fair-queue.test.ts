import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FairQueue } from '../../src/rpc/fair-queue.ts';
import { Turns } from '../../src/rpc/turns.ts';

function queue(isHeld: () => boolean = () => false) {
  const done: number[] = [];
  const busy: boolean[] = [];
  const items = new FairQueue<number>({
    ...{ turns: new Turns(), owner: 'a', isHeld, giveUp: () => {} },
    work: (item) => done.push(item),
    busy: (isBusy) => busy.push(isBusy),
  });
  return { items, done, busy };
}

const nextTurn = () => new Promise((resolve) => setImmediate(resolve));

test('one thing is done at once; of many the rest comes later, in order, and nothing is read meanwhile', async () => {
  const { items, done, busy } = queue();
  for (let n = 0; n < 100; n++) items.add(n);
  assert.deepEqual(done, [0]);
  assert.deepEqual(busy, [true]);
  while (done.length < 100) await nextTurn();
  assert.deepEqual(
    done,
    Array.from({ length: 100 }, (_, n) => n),
  );
  assert.deepEqual(busy, [true, false]);
});

test('what is left when the peer has gone is done, or dropped', () => {
  const one = queue(() => true);
  for (const n of [1, 2, 3]) one.items.add(n);
  assert.deepEqual(one.done, []);
  one.items.finish();
  assert.deepEqual(one.done, [1, 2, 3]);
  const other = queue(() => true);
  other.items.add(1);
  other.items.drop();
  other.items.finish();
  assert.deepEqual(other.done, []);
});
