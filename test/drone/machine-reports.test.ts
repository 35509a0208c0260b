import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { test } from 'node:test';
import { reportMachine } from '../../src/drone/machine-reports.ts';
import type { Uplink } from '../../src/drone/uplink.ts';
import { machineUse } from '../../src/system/machine.ts';
import { Clock } from '../fixtures/clock.ts';

test('a drone reports how busy its machine is when it has joined, and from then on until the connection ends', async (t) => {
  const clock = new Clock(t);
  const told: number[] = [];
  let end = () => {};
  const uplink = Object.assign(new EventEmitter(), {
    peer: { closed: new Promise<void>((resolve) => (end = resolve)) },
    inform: (_: 'machine', { load }: { load: number }) => told.push(load),
  });
  let load = 0;
  reportMachine(uplink as unknown as Uplink, '/', () => ({
    load: load++,
    memory: { used: 0, total: 1 },
    disk: null,
  }));
  clock.pass(60_000);
  assert.deepEqual(told, [], 'nobody is there to be told');
  uplink.emit('up');
  assert.deepEqual(told, [0]);
  clock.pass(30_000);
  assert.deepEqual(told, [0, 1, 2]);
  end();
  await uplink.peer.closed;
  clock.pass(60_000);
  assert.deepEqual(told, [0, 1, 2]);
});

test('what is in use of a machine is no more than there is', () => {
  const { load, memory, disk } = machineUse('/');
  assert.ok(load >= 0);
  for (const room of [memory, disk]) assert.ok(room && room.used > 0 && room.used <= room.total);
});
