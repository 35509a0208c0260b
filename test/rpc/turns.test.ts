import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Turns, type Waiter } from '../../src/rpc/turns.ts';
import { Clock } from '../fixtures/clock.ts';

/** Somebody with so many things to do, who notes each in `done`. */
class Worker implements Waiter {
  isStopped = false;
  isGivenUp = false;

  constructor(
    private readonly done: string[],
    private readonly name: string,
    private left: number,
    readonly owner: unknown = name,
    private readonly follow: () => void = () => {},
  ) {}

  isHeld(): boolean {
    return this.isStopped;
  }

  step(): boolean {
    this.done.push(this.name);
    this.follow();
    return --this.left > 0;
  }

  giveUp(): void {
    this.isGivenUp = true;
  }
}

const nextTurn = () => new Promise((resolve) => setImmediate(resolve));

async function until(isDone: () => boolean): Promise<void> {
  while (!isDone()) await nextTurn();
}

test('owners have their turns one after the other, and the waiters of one share its turns', async () => {
  const turns = new Turns();
  const done: string[] = [];
  for (const worker of [
    new Worker(done, 'a1', 2, 'a'),
    new Worker(done, 'a2', 2, 'a'),
    new Worker(done, 'b', 3),
  ])
    turns.join(worker);
  await until(() => done.length === 7);
  assert.deepEqual(done, ['a1', 'b', 'a2', 'b', 'a1', 'b', 'a2']);
});

test('what follows from one thing is done before the next', async () => {
  const turns = new Turns();
  const done: string[] = [];
  const follow = () => void Promise.resolve().then(() => Promise.resolve().then(() => done.push('followed')));
  turns.join(new Worker(done, 'a', 2, 'a', follow));
  await until(() => done.length === 4);
  assert.deepEqual(done, ['a', 'followed', 'a', 'followed']);
});

test('whoever is alone goes at once, but once in a turn of the event loop', async () => {
  const turns = new Turns();
  const worker = new Worker([], 'a', 1);
  assert.equal(turns.mayGo(worker), true);
  assert.equal(turns.mayGo(worker), false);
  assert.equal(turns.mayGo(new Worker([], 'b', 1)), true);
  await nextTurn();
  assert.equal(turns.mayGo(worker), true);
});

test('nobody overtakes those in line', async () => {
  const turns = new Turns();
  const done: string[] = [];
  turns.join(new Worker(done, 'a', 2));
  assert.equal(turns.mayGo(new Worker(done, 'b', 1)), false);
  await until(() => done.length === 2);
});

test('whoever is held keeps nobody waiting, and goes on when it is not held any more', async () => {
  const turns = new Turns();
  const done: string[] = [];
  const held = new Worker(done, 'held', 1);
  held.isStopped = true;
  assert.equal(turns.mayGo(held), false);
  turns.join(held);
  turns.join(new Worker(done, 'b', 2));
  await until(() => done.length === 2);
  held.isStopped = false;
  const deadline = setTimeout(() => {}, 60_000);
  await until(() => done.length === 3);
  clearTimeout(deadline);
  assert.deepEqual(done, ['b', 'b', 'held']);
});

test('whoever is held for ten minutes is given up', (t) => {
  const clock = new Clock(t);
  const turns = new Turns();
  const held = new Worker([], 'held', 1);
  held.isStopped = true;
  turns.join(held);
  clock.pass(599_000);
  assert.equal(held.isGivenUp, false);
  clock.pass(2_000);
  assert.equal(held.isGivenUp, true);
  turns.leave(held);
});

test('one thing of many of one owner is done in its turn, and others have theirs in between', async () => {
  const turns = new Turns();
  const done: string[] = [];
  const busy = (name: string) => () => {
    for (const until = performance.now() + 4; performance.now() < until; );
    done.push(name);
  };
  for (let n = 0; n < 12; n++) turns.once('many', busy('many'));
  assert.ok(done.length < 6, 'the network has its turn');
  turns.once('other', busy('other'));
  await until(() => done.length === 13);
  assert.ok(done.indexOf('other') < 6, done.join());
});
