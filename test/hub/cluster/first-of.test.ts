import assert from 'node:assert/strict';
import { test } from 'node:test';
import { firstOf } from '../../../src/hub/cluster/first-of.ts';
import type { OtherHub } from '../../../src/hub/cluster/other-hubs.ts';

const others = ['h2', 'h3'].map((name) => ({ name })) as OtherHub[];
const fails = () => Promise.reject(new Error('no'));

test('the first hub that has answered is enough, whatever becomes of the others', async () => {
  const never = new Promise(() => {});
  assert.equal(await firstOf(others, ({ name }) => (name === 'h3' ? Promise.resolve() : never)), true);
  assert.equal(await firstOf(others, ({ name }) => (name === 'h3' ? Promise.resolve() : fails())), true);
});

test('if all have failed, nobody waits', async () => {
  assert.equal(await firstOf(others, fails), false);
});

test('a hub that does not answer is waited for for 5 s', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  let isOver = false;
  const waiting = firstOf(others, () => new Promise(() => {})).finally(() => {
    isOver = true;
  });
  t.mock.timers.tick(4_999);
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(isOver, false);
  t.mock.timers.tick(1);
  assert.equal(await waiting, false);
});
