import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { DroneConnection } from '../../src/hub/drones/drone.ts';
import { dueOf, Overdue, Stragglers } from '../../src/hub/stragglers.ts';

const connection = () => ({}) as DroneConnection;
const never = () => new Promise<null>(() => {});
const soon = () => new Promise((resolve) => setImmediate(resolve));

/** Time that passes when told to. */
function clockOf(t: TestContext) {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  let now = 0;
  return {
    now: () => now,
    pass: async (ms: number) => {
      await soon();
      now += ms;
      t.mock.timers.tick(ms);
      await soon();
    },
  };
}

/** What became of it so far. */
function stateOf(promise: Promise<unknown>) {
  const seen = { is: 'waited for' };
  promise.then(
    () => Object.assign(seen, { is: 'done' }),
    (error: { code: string }) => Object.assign(seen, { is: error.code }),
  );
  return seen;
}

test('a drone is given up after others have answered, or at once if it owes an answer already', () => {
  const table: [boolean, number, number | null, number][] = [
    [false, 1_000, null, Number.POSITIVE_INFINITY],
    [false, 1_000, 500, 121_000],
    [false, 1_000, 9_000, 129_000],
    [true, 1_000, null, 6_000],
    [true, 1_000, 9_000, 6_000],
  ];
  for (const [isOverdue, sign, lastAnswer, due] of table)
    assert.equal(dueOf({ isOverdue, sign }, lastAnswer), due);
});

test('drones of tokens that never answer are given up together, and in the next deploy soon', async (t) => {
  const clock = clockOf(t);
  const overdue = new Overdue();
  const silent = [connection(), connection()];
  const first = new Stragglers(overdue, clock.now);
  const states = silent.map((one, n) => stateOf(first.wait(`web${n}`, one, never(), 'worker')));
  await clock.pass(600_000);
  assert.deepEqual(
    states.map(({ is }) => is),
    ['waited for', 'waited for'],
    'no other has answered',
  );
  await first.wait('good', connection(), Promise.resolve(null), 'worker');
  await clock.pass(119_000);
  assert.deepEqual(
    states.map(({ is }) => is),
    ['waited for', 'waited for'],
  );
  await clock.pass(1_000);
  assert.deepEqual(
    states.map(({ is }) => is),
    ['ETIMEOUT', 'ETIMEOUT'],
  );
  const second = new Stragglers(overdue, clock.now);
  const again = stateOf(second.wait('web0', silent[0] ?? connection(), never(), 'worker'));
  await clock.pass(5_000);
  assert.equal(again.is, 'ETIMEOUT');
});

test('a drone whose fetch gets further is waited for, and one that only says so is not', async (t) => {
  const clock = clockOf(t);
  const stragglers = new Stragglers(new Overdue(), clock.now);
  const [slow, liar] = ['slow', 'liar'].map((name) =>
    stateOf(stragglers.wait(name, connection(), never(), 'worker')),
  );
  await stragglers.wait('good', connection(), Promise.resolve(null), null);
  for (const percent of [10, 20, 30]) {
    await clock.pass(100_000);
    stragglers.sign('slow', percent);
    stragglers.sign('liar', 10);
  }
  assert.deepEqual([slow?.is, liar?.is], ['waited for', 'ETIMEOUT']);
});

test('a drone with the secret of the hub is waited for as long as it takes', async (t) => {
  const clock = clockOf(t);
  const stragglers = new Stragglers(new Overdue(), clock.now);
  const own = stateOf(stragglers.wait('own', connection(), never(), null));
  await stragglers.wait('good', connection(), Promise.resolve(null), 'worker');
  await clock.pass(800_000);
  assert.equal(own.is, 'waited for');
});

test('who was given up and answers after all owes nothing', async (t) => {
  const clock = clockOf(t);
  const overdue = new Overdue();
  const late = connection();
  let answer = (_: null) => {};
  const stragglers = new Stragglers(overdue, clock.now);
  const given = stateOf(
    stragglers.wait('late', late, new Promise<null>((resolve) => (answer = resolve)), 'worker'),
  );
  await stragglers.wait('good', connection(), Promise.resolve(null), 'worker');
  await clock.pass(120_000);
  assert.deepEqual([given.is, overdue.has(late)], ['ETIMEOUT', true]);
  answer(null);
  await soon();
  assert.equal(overdue.has(late), false);
});
