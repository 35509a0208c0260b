import assert from 'node:assert/strict';
import { test } from 'node:test';
import { tokenWith } from '../../fixtures/principal.ts';
import { APP, BETTER, cluster, eventually, GOOD, roles, states, UP } from './app-cluster.ts';

test('a release begun at a hub that does not lead is the same at all hubs, each of which hears of it once', async (t) => {
  const { hubs, world } = await cluster(t);
  const { others } = await roles(hubs);
  await others[0].call('app.up', { ...UP, commit: GOOD });
  for (const hub of hubs)
    await eventually(() => states(hub, 1).includes('live'), `${hub.name} hears that it is live`);
  const begun = await others[0].call('app.up', { ...UP, commit: BETTER });
  assert.equal(begun.release, 2);
  for (const hub of hubs)
    await eventually(() => states(hub, 2).includes('live'), `${hub.name} hears that it is live`);
  assert.deepEqual(world.running, ['web.1 v2', 'web.2 v2', 'web.3 v2']);
  const seen = hubs.map((hub) => {
    const told = hub.told().map(({ seq, ...event }) => event);
    return told.slice(told.findIndex(({ release }) => release === 2));
  });
  assert.deepEqual(seen[1], seen[0]);
  assert.deepEqual(seen[2], seen[0]);
  assert.deepEqual(states(others[0], 2), ['building', 'releasing', 'rolling', 'live']);
  const after = others[0].events.since(begun.seq).events;
  assert.equal(after.filter(({ type }) => type === 'release').length, 4, 'by its own numbers');
  // What was passed on is known here when it is answered.
  await others[1].call('app.scale', { ...APP, scale: { web: 1 } });
  assert.equal(others[1].apps.get(APP).app.scale['web'], 1);
  await eventually(() => world.running.length === 1, 'it is scaled');
});

test('a call is checked by the hub that leads too, and its error comes back', async (t) => {
  const { hubs } = await cluster(t);
  const { others } = await roles(hubs);
  const [hub] = others;
  await assert.rejects(hub.call('app.scale', { ...APP, scale: { web: 1 } }), {
    code: 'ENORELEASE',
    message: /there is no app webapp yet/,
  });
  const other = tokenWith(['deploy'], 'other');
  await assert.rejects(hub.call('app.up', { ...UP, commit: GOOD }, other), { code: 'EFORBIDDEN' });
  const reader = tokenWith(['read']);
  await assert.rejects(hub.call('app.up', { ...UP, commit: GOOD }, reader), { code: 'EFORBIDDEN' });
  await assert.rejects(hub.call('app.status', APP), { code: 'EPROTOCOL', message: /is not passed on/ });
});

test('when the hub that leads is killed during a release, another one goes on, and whoever looks on hears the end', async (t) => {
  const { hubs, world } = await cluster(t);
  const { leads, others } = await roles(hubs);
  await others[0].call('app.up', { ...UP, commit: GOOD });
  await eventually(() => states(others[0], 1).includes('live'), 'it is live');
  const begun = await others[0].call('app.up', { ...UP, commit: BETTER });
  leads.kill();
  const next = await roles(others);
  assert.notEqual(next.leads, leads);
  for (const hub of others)
    await eventually(() => states(hub, begun.release).includes('live'), `${hub.name} hears that it is live`);
  assert.deepEqual(world.running, ['web.1 v2', 'web.2 v2', 'web.3 v2']);
  for (const hub of others) {
    const told = states(hub, 2);
    assert.equal(new Set(told).size, told.length, `${hub.name} hears each state once: ${told}`);
  }
  for (const { runs } of world.drones) for (const count of runs.values()) assert.equal(count, 1);
});

test('a drone that takes no order, as if there were a newer hub, takes the lead from nobody: it counts as one that fails', async (t) => {
  const { hubs, world } = await cluster(t);
  const { leads, others } = await roles(hubs);
  const fence = leads.parts.fences.of('webapp');
  const [obstinate] = world.drones;
  assert.ok(obstinate);
  obstinate.refusal = 'ESTALE';
  await others[0].call('app.up', { ...UP, commit: GOOD });
  await eventually(() => states(others[0], 1).includes('failed'), 'the release fails');
  const failed = leads.apps.get(APP).app.releases.find(({ release }) => release === 1);
  assert.match(failed?.why ?? '', /web1 refuses orders of the hub that leads/);
  assert.deepEqual(leads.parts.fences.of('webapp'), fence);
  obstinate.refusal = null;
  await others[0].call('app.up', { ...UP, commit: BETTER });
  await eventually(() => states(others[0], 2).includes('live'), 'the next one is live');
  obstinate.refusal = 'ESTALE';
  obstinate.refused = 0;
  const there = obstinate.processes.size;
  assert.ok(there > 0 && there < 3);
  await others[0].call('app.scale', { ...APP, scale: { web: 0 } });
  await eventually(() => world.running.length === there, 'the other drone has stopped its own');
  await eventually(() => obstinate.refused >= there, 'it has refused');
  for (let turn = 0; turn < 200; turn++) await new Promise(setImmediate);
  assert.equal(obstinate.refused, there, 'it is not asked again at once');
  assert.deepEqual(leads.parts.fences.of('webapp'), fence);
});

for (const refusal of ['ECLOSED', 'ENODRONE', 'ETIMEOUT'] as const)
  test(`a drone that answers every order with ${refusal}, and is there, is not asked as fast as it answers`, async (t) => {
    const { hubs, world } = await cluster(t);
    const { leads } = await roles(hubs);
    const [drone] = world.drones;
    assert.ok(drone);
    drone.refusal = refusal;
    await leads.call('app.up', { ...UP, commit: GOOD });
    await eventually(() => drone.refused > 0, 'it has refused');
    for (let turn = 0; turn < 1_000; turn++) await new Promise(setImmediate);
    assert.ok(drone.refused < 50, `asked ${drone.refused} times`);
    drone.refusal = null;
    await eventually(() => states(leads, 1).includes('live'), 'it is live once the drone obeys');
  });
