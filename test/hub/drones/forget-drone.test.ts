import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ALONE } from '../../../src/hub/apps/leader.ts';
import { DroneDirectory } from '../../../src/hub/drones/directory.ts';
import { forgetDrone } from '../../../src/hub/drones/forget-drone.ts';
import { FleetError } from '../../../src/protocol/errors.ts';
import { FakeConnection } from '../../fixtures/fake-connection.ts';
import { key } from '../../fixtures/fake-drone.ts';

function world(has: { key?: boolean; slots?: boolean } = {}) {
  const directory = new DroneDirectory();
  const removed: string[] = [];
  const parts = {
    directory,
    keys: { removeOf: async (name: string) => (has.key ?? false) && removed.push(name) > 0 },
    appService: { leader: ALONE, apps: { forgetDrone: async () => has.slots ?? false } },
  };
  return { directory, removed, forget: () => forgetDrone('web1', parts) };
}

test('a lost drone is forgotten with its key, and a connected one keeps it', async () => {
  const { directory, removed, forget } = world({ key: true });
  const drone = directory.join(new FakeConnection(), {
    identity: key(),
    name: 'web1',
    processes: [],
    by: 'key-1',
  });
  await assert.rejects(forget, { code: 'ENODRONE', message: /is connected/ });
  assert.deepEqual(removed, []);
  directory.lose(drone, new FleetError('ECLOSED', 'x'));
  await forget();
  assert.deepEqual([removed, directory.get('web1')], [['web1'], undefined]);
});

test('of a drone that was lost long ago, what is left is forgotten: a key, slots or its name', async () => {
  for (const has of [{ key: true }, { slots: true }]) await world(has).forget();
  const { directory, forget } = world();
  directory.reserve('web1', 'ci');
  await forget();
  await assert.rejects(forget, { code: 'ENODRONE', message: /there is no drone web1/ });
});
