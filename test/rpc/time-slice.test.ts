import assert from 'node:assert/strict';
import { beforeEach, type TestContext, test } from 'node:test';
import { TimeSlicer } from '../../src/rpc/time-slice.ts';

/** Milliseconds that have passed: only work takes time here. */
let now = 0;
let done: string[];
let busy: boolean[];
beforeEach(() => {
  now = 0;
  done = [];
  busy = [];
});

interface Item {
  name: string;
  ms: number;
}

/** Those whose clock is `now`: what is replaced twice by a test stays so after it. */
const clocked = new WeakSet<TestContext>();

function slicer(t: TestContext): TimeSlicer<Item> {
  if (!clocked.has(t)) t.mock.method(process, 'uptime', () => now / 1000);
  clocked.add(t);
  return new TimeSlicer<Item>(
    ({ name, ms }) => {
      now += ms;
      done.push(name);
    },
    (isBusy) => busy.push(isBusy),
  );
}

const items = (count: number, ms: number) => Array.from({ length: count }, (_, n) => ({ name: `${n}`, ms }));
const nextTurn = () => new Promise((resolve) => setImmediate(resolve));

test('cheap work is done at once', (t) => {
  const slices = slicer(t);
  for (const item of items(1_000, 0.001)) slices.add(item);
  assert.equal(done.length, 1_000);
  assert.deepEqual(busy, []);
});

test('after ten milliseconds the rest waits for later turns, in order, and reading waits for it', async (t) => {
  const slices = slicer(t);
  for (const item of items(8, 4)) slices.add(item);
  assert.deepEqual(done, ['0', '1', '2'], 'the third goes over the ten');
  assert.deepEqual(busy, [true]);
  await nextTurn();
  assert.deepEqual(done, ['0', '1', '2', '3', '4', '5']);
  assert.deepEqual(busy, [true]);
  await nextTurn();
  assert.deepEqual(done, ['0', '1', '2', '3', '4', '5', '6', '7']);
  assert.deepEqual(busy, [true, false]);
});

test('work that arrives while other work waits is queued behind it, however cheap it is', async (t) => {
  const slices = slicer(t);
  for (const item of items(5, 20)) slices.add(item);
  slices.add({ name: 'cheap', ms: 0 });
  for (let turn = 0; turn < 6; turn++) await nextTurn();
  assert.deepEqual(done, ['0', '1', '2', '3', '4', 'cheap']);
  assert.deepEqual(busy, [true, false]);
});

test('each turn of the event loop has its own ten milliseconds', async (t) => {
  const slices = slicer(t);
  for (let turn = 0; turn < 5; turn++) {
    slices.add({ name: `${turn}`, ms: 9 });
    await nextTurn();
  }
  assert.equal(done.length, 5);
  assert.deepEqual(busy, []);
});

test('when a connection ends, what was read is processed at once, or dropped', async (t) => {
  const finished = slicer(t);
  for (const item of items(5, 20)) finished.add(item);
  finished.finish();
  assert.equal(done.length, 5);
  done = [];
  const dropped = slicer(t);
  for (const item of items(5, 20)) dropped.add(item);
  dropped.drop();
  for (let turn = 0; turn < 3; turn++) await nextTurn();
  assert.deepEqual(done, ['0']);
});
