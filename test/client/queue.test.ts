import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Queue } from '../../src/client/queue.ts';

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const read: T[] = [];
  for await (const item of items) read.push(item);
  return read;
}

test('items are read in order, whether they are pushed before or after somebody waits for them', async () => {
  const queue = new Queue<number>(10);
  queue.push(1);
  const reading = all(queue.read());
  await Promise.resolve();
  queue.push(2);
  queue.push(3);
  queue.end();
  queue.push(4);
  assert.deepEqual(await reading, [1, 2, 3]);
});

test('an error comes after what was pushed before it', async () => {
  const queue = new Queue<number>(10);
  queue.push(1);
  queue.end(new Error('over'));
  const read: number[] = [];
  await assert.rejects(async () => {
    for await (const item of queue.read()) read.push(item);
  }, /over/);
  assert.deepEqual(read, [1]);
});

test('a writer waits while there is no room, and continues when there is, or when nobody reads any more', async () => {
  const queue = new Queue<string>(5);
  queue.push('large', 7);
  assert.equal(queue.hasRoom, false);
  let hasWaited = false;
  const waiting = queue.untilRoom().then(() => {
    hasWaited = true;
  });
  await Promise.resolve();
  assert.equal(hasWaited, false);
  const reader = queue.read();
  await reader.next();
  await waiting;
  queue.push('large', 7);
  const second = queue.untilRoom();
  await reader.return();
  await second;
  assert.equal(queue.isEnded, true);
});

test('leaving the loop is reported once', async () => {
  const queue = new Queue<number>(10);
  let left = 0;
  queue.push(1);
  for await (const _ of queue.read(() => left++)) break;
  assert.equal(left, 1);
});
