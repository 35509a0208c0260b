import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { preferredOrder } from '../../src/drone/hub-order.ts';
import { loadIdentity } from '../../src/drone/identity.ts';
import { connect } from '../../src/index.ts';
import { eventually, LocalFleet, SECRET } from '../fixtures/local-fleet.ts';
import { tcpServer } from '../fixtures/rpc-host.ts';

/** Hubs that know nothing of each other, but have the same secret. */
async function severalHubs(t: TestContext, count: number): Promise<LocalFleet[]> {
  const fleets: LocalFleet[] = [];
  t.after(async () => {
    for (const fleet of fleets) await fleet.end();
  });
  for (let n = 0; n < count; n++) {
    const fleet = new LocalFleet();
    fleets.push(fleet);
    await fleet.startHub();
  }
  return fleets;
}

const listOf = (fleets: LocalFleet[]) => fleets.map(({ address }) => address).join(',');

test('a drone and a client go on to the next hub when theirs ends, and use its git', async (t) => {
  const [first, second] = (await severalHubs(t, 2)) as [LocalFleet, LocalFleet];
  const hub = listOf([first, second]);
  const drone = await first.startDrone('web1', { hub });
  const client = await connect({ hub, secret: SECRET });
  t.after(() => client.close());
  const isAt = async (fleet: LocalFleet) => {
    const direct = await connect({ hub: fleet.address, secret: SECRET });
    const names = (await direct.drones()).filter(({ lost }) => lost === null).map(({ name }) => name);
    direct.close();
    return names.includes('web1');
  };
  const [own, other] = (await isAt(first)) ? [first, second] : [second, first];
  assert.equal(await isAt(other), false);
  await own.hub.close();
  await eventually(() => isAt(other), 'the drone is at the other hub');
  assert.equal(drone.name, 'web1');
  assert.deepEqual(Object.keys(await client.ps()), ['web1']);
  const dir = first.app('webapp', { 'one.txt': '1' });
  const { drones, pushed } = await client.deploy({ dir });
  assert.deepEqual([drones, pushed], [{ web1: null }, true]);
});

test('a hub that says nothing does not keep a drone, or a client, from the next one', async (t) => {
  const [fleet] = (await severalHubs(t, 1)) as [LocalFleet];
  const silent = await tcpServer(() => {});
  t.after(() => silent.end());
  const hub = `${silent.address},${fleet.address}`;
  await fleet.startDrone('web1', { hub });
  const client = await connect({ hub, secret: SECRET });
  t.after(() => client.close());
  const dir = fleet.app('webapp', { 'one.txt': '1' });
  assert.deepEqual((await client.deploy({ dir })).drones, { web1: null });
});

test('each drone begins with the hub that it prefers', async (t) => {
  const fleets = await severalHubs(t, 2);
  const [first] = fleets as [LocalFleet];
  await Promise.all(['a', 'b', 'c', 'd'].map((name) => first.startDrone(name, { hub: listOf(fleets) })));
  for (const dir of first.droneDirs) {
    const { identity, name } = loadIdentity(dir, () => {});
    const [preferred] = preferredOrder(
      identity,
      fleets.map((fleet) => ({ hub: fleet.address, fleet })),
    );
    const client = await (preferred?.fleet ?? first).connect();
    assert.ok((await client.drones()).some((drone) => drone.name === name));
  }
});

test('a monitor goes on at the next hub, and says that it may have missed something', async (t) => {
  const [first, second] = (await severalHubs(t, 2)) as [LocalFleet, LocalFleet];
  await second.hub.close();
  const client = await connect({ hub: listOf([first, second]), secret: SECRET });
  t.after(() => client.close());
  const items = client.monitor();
  const seen: string[] = [];
  const untilSeen = async (...wanted: string[]) => {
    while (!wanted.every((one) => seen.includes(one))) {
      const { value: item } = await items.next();
      if (item?.kind === 'event')
        seen.push(`${item.event.type} ${'drone' in item.event && item.event.drone}`);
      else seen.push(item?.kind === 'missed' ? `missed ${item.events}` : `${item?.kind}`);
    }
  };
  const before = untilSeen('joined web1');
  await first.startDrone('web1');
  await before;
  await second.startHub();
  await second.startDrone('web2');
  const after = untilSeen('joined web2', 'missed null');
  await first.hub.close();
  await after;
  await items.return?.();
});
