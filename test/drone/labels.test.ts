import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { LocalFleet } from '../fixtures/local-fleet.ts';

const fleet = new LocalFleet();
after(() => fleet.end());

test("a drone's labels arrive at its hub", async () => {
  await fleet.startHub();
  const labels = { role: 'web', zone: 'a' };
  await fleet.startDrone('web1', { labels });
  const drones = await (await fleet.connect()).drones();
  assert.deepEqual(
    drones.map((one) => [one.name, one.labels]),
    [['web1', labels]],
  );
});
