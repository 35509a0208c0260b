import assert from 'node:assert/strict';
import { test } from 'node:test';
import { APP, cluster, eventually, GOOD, roles, states, UP } from './app-cluster.ts';

test('while no hub leads, what changes an app fails and says why, and what is known is shown', async (t) => {
  const { hubs } = await cluster(t);
  const { others, leads } = await roles(hubs);
  await leads.call('app.up', { ...UP, commit: GOOD });
  await eventually(() => states(others[0], 1).includes('live'), 'it is live');
  for (const { bucket } of hubs) bucket.isAway = true;
  await eventually(() => !leads.leader.isHere, 'nobody leads');
  await assert.rejects(others[0].call('app.scale', { ...APP, scale: { web: 1 } }), {
    code: 'ECLUSTER',
    message: 'no hub leads: the cluster at nats://h does not answer',
  });
  assert.equal(others[0].apps.get(APP).world.instances.length, 3);
  for (const { bucket } of hubs) bucket.isAway = false;
  await others[0].call('app.scale', { ...APP, scale: { web: 2 } });
});
