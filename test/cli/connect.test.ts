import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { withClient } from '../../src/cli/connect.ts';
import type { Client } from '../../src/client/types.ts';
import { LocalFleet, SECRET } from '../fixtures/local-fleet.ts';
import { argumentsOf, makeIo } from './world.ts';

const fleet = new LocalFleet();
before(() => fleet.startHub());
after(() => fleet.end());

const args = () => argumentsOf({ hub: fleet.address, secret: SECRET });

test('the client connects to the hub that the arguments name, and is closed afterwards', async () => {
  let used: Client | undefined;
  const drones = await withClient(args(), makeIo('/'), async (client, target) => {
    used = client;
    assert.equal(target.hub, fleet.address);
    return client.drones();
  });
  assert.deepEqual(drones, []);
  await assert.rejects(Promise.resolve(used?.drones()), { code: 'ECLOSED' });
});

test('the client is closed even if its use fails', async () => {
  let used: Client | undefined;
  const failure = new Error('it fails');
  const using = withClient(args(), makeIo('/'), (client) => {
    used = client;
    return Promise.reject(failure);
  });
  await assert.rejects(using, failure);
  await assert.rejects(Promise.resolve(used?.drones()), { code: 'ECLOSED' });
});

test('nothing is dialled if the arguments name no hub', async () => {
  const never = () => assert.fail('it is used');
  await assert.rejects(withClient(argumentsOf({}), makeIo('/'), never), { code: 'ENOREMOTE' });
});
