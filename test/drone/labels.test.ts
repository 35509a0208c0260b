import assert from 'node:assert/strict';
import { test } from 'node:test';
import { connect, createDrone, createHub } from '../../src/index.ts';
import { temporaryFolder } from '../fixtures/temporary-folder.ts';

test("a drone's labels arrive at its hub", async (t) => {
  const hub = await createHub({ dir: temporaryFolder(t), port: 0, secret: 's' });
  t.after(() => hub.close());
  const target = { hub: `127.0.0.1:${hub.port}`, secret: 's' };
  const labels = { role: 'web', zone: 'a' };
  const drone = await createDrone({ ...target, dir: temporaryFolder(t), name: 'web1', labels });
  t.after(() => drone.close());
  await drone.connected;
  const client = await connect(target);
  t.after(() => client.close());
  assert.deepEqual(
    (await client.drones()).map((one) => [one.name, one.labels]),
    [['web1', labels]],
  );
});
