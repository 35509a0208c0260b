import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { RejoinWindow } from '../../../src/hub/drones/rejoin-window.ts';

const isOver = (rejoinWindow: RejoinWindow) =>
  Promise.race([rejoinWindow.over.then(() => true), new Promise((resolve) => setImmediate(resolve, false))]);

test('it ends when the last missing drone is back', async () => {
  const rejoinWindow = new RejoinWindow(['a', 'b']);
  rejoinWindow.back('a');
  rejoinWindow.back('new');
  rejoinWindow.back('a');
  assert.equal(await isOver(rejoinWindow), false);
  rejoinWindow.back('b');
  assert.equal(await isOver(rejoinWindow), true);
});

test('it ends at once if no drone is missing, and at its limit if one does not come', async () => {
  assert.equal(await isOver(new RejoinWindow([])), true);
  const late = new RejoinWindow(['gone'], 1);
  const kept = setInterval(() => {}, 1000);
  await late.over;
  clearInterval(kept);
});

test('those of a hub that is gone later are waited for from then on', async () => {
  const rejoinWindow = new RejoinWindow([]);
  rejoinWindow.expect(['a']);
  assert.equal(await isOver(rejoinWindow), false);
  rejoinWindow.expect(['b']);
  rejoinWindow.back('a');
  assert.equal(await isOver(rejoinWindow), false);
  rejoinWindow.back('b');
  assert.equal(await isOver(rejoinWindow), true);
});

test('a drone that does not come is not waited for longer because others are expected later', async () => {
  const rejoinWindow = new RejoinWindow(['gone'], 30);
  for (let n = 0; n < 8; n++) {
    await sleep(10);
    rejoinWindow.expect(['late']);
  }
  rejoinWindow.back('late');
  assert.equal(rejoinWindow.isOpen, false);
  assert.equal(await isOver(rejoinWindow), true);
});
