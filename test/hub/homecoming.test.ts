import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Homecoming } from '../../src/hub/homecoming.ts';

const isOver = (homecoming: Homecoming) =>
  Promise.race([homecoming.over.then(() => true), new Promise((resolve) => setImmediate(resolve, false))]);

test('it is over when the last drone that was away is back', async () => {
  const homecoming = new Homecoming(['a', 'b']);
  homecoming.back('a');
  homecoming.back('new');
  homecoming.back('a');
  assert.equal(await isOver(homecoming), false);
  homecoming.back('b');
  assert.equal(await isOver(homecoming), true);
});

test('it is over at once where no drone is away, and at last where one does not come', async () => {
  assert.equal(await isOver(new Homecoming([])), true);
  const late = new Homecoming(['gone'], 1);
  const kept = setInterval(() => {}, 1000);
  await late.over;
  clearInterval(kept);
});
