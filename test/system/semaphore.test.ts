import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { Semaphore } from '../../src/system/semaphore.ts';

test('only so many are inside at once, and the others enter in the order in which they asked', async () => {
  const semaphore = new Semaphore(2);
  const order: string[] = [];
  let inside = 0;
  const ends: (() => void)[] = [];
  const all = ['a', 'b', 'c', 'd', 'e'].map((name) =>
    semaphore.run(async () => {
      order.push(name);
      inside++;
      assert.ok(inside <= 2);
      await new Promise<void>((resolve) => ends.push(resolve));
      inside--;
    }),
  );
  await nextTurn();
  assert.deepEqual([order.join(''), semaphore.waiting], ['ab', 3]);
  for (const end of ends.splice(0).reverse()) end();
  await nextTurn();
  assert.deepEqual([order.join(''), semaphore.waiting], ['abcd', 1]);
  for (const end of ends.splice(0)) end();
  await nextTurn();
  for (const end of ends.splice(0)) end();
  await Promise.all(all);
  assert.deepEqual([order.join(''), inside], ['abcde', 0]);
});

test('failed work rejects for its caller, and frees its place', async () => {
  const semaphore = new Semaphore(1);
  const failed = semaphore.run(() => Promise.reject(new Error('no')));
  const next = semaphore.run(async () => 'yes');
  await assert.rejects(failed, /no/);
  assert.equal(await next, 'yes');
});

test('a place that is released twice is one place', async () => {
  const semaphore = new Semaphore(1);
  const leave = await semaphore.enter();
  const [second, third] = [semaphore.enter(), semaphore.enter()];
  leave();
  leave();
  await second;
  assert.equal(semaphore.waiting, 1);
  (await second)();
  (await third)();
});

test('a holder that stays too long keeps nobody out', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const semaphore = new Semaphore(1, 20);
  const stays = await semaphore.enter();
  let isIn = false;
  const next = semaphore.enter().then((leave) => {
    isIn = true;
    return leave;
  });
  t.mock.timers.tick(19);
  await nextTurn();
  assert.equal(isIn, false);
  t.mock.timers.tick(1);
  const leave = await next;
  stays();
  const third = semaphore.enter();
  assert.equal(semaphore.waiting, 1, 'its leaving late frees no second place');
  leave();
  (await third)();
});
