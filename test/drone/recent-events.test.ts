import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RecentEvents } from '../../src/drone/recent-events.ts';
import type { DroneEvent } from '../../src/protocol/events.ts';

const stopped = (id: string): DroneEvent => ({
  type: 'stopped',
  id,
  repo: 'app',
  commit: 'c'.repeat(40),
  command: ['true'],
});
const idsOf = (told: ReturnType<RecentEvents['told']>) => told.map((event) => 'id' in event && event.id);

test('what no hub was told is told once, in order, with its time', () => {
  const events = new RecentEvents();
  for (const id of ['a', 'b']) events.add(stopped(id), false);
  const told = events.told(false);
  assert.deepEqual(idsOf(told), ['a', 'b']);
  assert.ok(told.every(({ time }) => Math.abs((time ?? 0) - Date.now()) < 60_000));
  assert.deepEqual(events.told(false), []);
});

test('a hub that recognises events is told again what the one before may not have passed on, with the same keys', () => {
  let now = 0;
  const events = new RecentEvents(() => now);
  const add = (id: string, at: number, isTold: boolean) => {
    now = at;
    return events.add(stopped(id), isTold);
  };
  add('long before', 0, true);
  const key = add('just before', 50_000, true);
  now = 100_000;
  events.left();
  add('meanwhile', 900_000, false);
  const told = events.told(true);
  assert.deepEqual(idsOf(told), ['just before', 'meanwhile']);
  assert.equal(told[0]?.key, key);
  assert.notEqual(told[1]?.key, key);
  assert.deepEqual(idsOf(events.told(true)), ['just before', 'meanwhile']);
});

test('what was kept for a hub is told again if that is gone just after it was told', () => {
  let now = 0;
  const events = new RecentEvents(() => now);
  events.add(stopped('kept'), false);
  now = 600_000;
  events.told(true);
  now += 1_000;
  events.left();
  assert.deepEqual(idsOf(events.told(true)), ['kept']);
  now += 61_000;
  events.left();
  assert.deepEqual(events.told(true), []);
});

test('a hub to which a drone moves is not told again of what another one was told long ago', () => {
  let now = 0;
  const events = new RecentEvents(() => now);
  events.add(stopped('long ago'), true);
  now = 600_000;
  assert.deepEqual(events.told(true), []);
});

test('of very many, the newest are kept', () => {
  const events = new RecentEvents();
  for (let n = 0; n < 1_500; n++) events.add(stopped(String(n)), false);
  assert.deepEqual([events.told(false).length, idsOf(events.told(true))[0]], [1_000, '500']);
});
