import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ReturnPlan } from '../../src/drone/return-plan.ts';

const TIMES = { lookEvery: 20, steadyFor: 100, spread: 50 };

test('a drone goes back when the hub has been there for as long as it has to be, without a look at which it was not', () => {
  const plan = new ReturnPlan(TIMES, () => 0);
  const seen = (
    [
      [false, 0],
      [true, 20],
      [true, 110],
      [false, 119],
      [true, 130],
      [true, 229],
      [true, 230],
    ] as const
  ).map(([isThere, now]) => plan.seen(isThere, now));
  assert.deepEqual(seen, [false, false, false, false, false, false, true]);
});

test('drones go back one by one', () => {
  const last = new ReturnPlan(TIMES, () => 0.98);
  assert.equal(last.seen(true, 0), false);
  assert.equal(last.seen(true, 148), false);
  assert.equal(last.seen(true, 149), true);
});

test('looks are spread by half', () => {
  assert.deepEqual(
    [0, 0.5, 1].map((random) => new ReturnPlan(TIMES, () => random).pause()),
    [10, 20, 30],
  );
});
