import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { connect } from '../../src/client/client.ts';
import { FleetError } from '../../src/protocol/errors.ts';
import { RpcHost } from '../fixtures/rpc-host.ts';

const C = 'c'.repeat(40);
const DRONES = {
  drones: [
    { name: 'web1', lost: null, version: '1.0.0' },
    { name: 'web2', lost: null, version: '1.0.0' },
    { name: 'old', lost: 40, version: '1.0.0' },
  ],
};

/** A client of a hub that answers calls with this. */
async function clientOf(t: TestContext, answers: Record<string, unknown>) {
  const calls: [string, Record<string, unknown>][] = [];
  const host = await new RpcHost({
    onPeer: (peer) =>
      peer.serve(({ method, params }) => {
        calls.push([method, params as Record<string, unknown>]);
        return answers[method];
      }),
  }).start();
  const client = await connect({ hub: host.address });
  t.after(async () => {
    client.close();
    await host.end();
  });
  return { client, calls };
}

test('a spawn names the drones that its selectors match, and those that are away', async (t) => {
  const { client, calls } = await clientOf(t, {
    drones: DRONES,
    spawn: {
      drones: {
        web2: { id: 'abcdef', error: { code: 'ESPAWN', message: 'x: not found' } },
        web1: { id: '1e99f4', error: null },
      },
    },
  });
  const { drones, absent } = await client.spawn({
    repo: 'webapp',
    commit: C,
    command: ['x'],
    drones: ['/./'],
  });
  assert.deepEqual(Object.keys(drones), ['web1', 'web2']);
  assert.equal(drones['web1']?.id, '1e99f4');
  assert.ok(drones['web2']?.error instanceof FleetError);
  assert.deepEqual(absent, { old: 40 });
  const spawned = calls.find(([method]) => method === 'spawn');
  assert.deepEqual(spawned?.[1]['drones'], ['web1', 'web2']);
});

test('without selectors the hub picks a drone; without a command nothing is asked', async (t) => {
  const { client, calls } = await clientOf(t, { spawn: { drones: {} } });
  for (const command of [[], ['']])
    await assert.rejects(client.spawn({ repo: 'webapp', commit: C, command }), {
      code: 'EUSAGE',
      message: 'say which command to run, after --',
    });
  assert.equal(calls.length, 0);
  await client.spawn({ repo: 'webapp', commit: C, command: ['x'] });
  assert.deepEqual(
    calls.map(([method, { drones }]) => [method, drones]),
    [['spawn', null]],
  );
});

test('what was stopped is sorted by drone, and each error is one that can be thrown', async (t) => {
  const none = { stopped: [], killed: [], errors: {} };
  const { client, calls } = await clientOf(t, {
    stop: {
      ...{ unknown: ['ffffff'], absent: { old: 40 }, leftAlone: {} },
      drones: {
        web2: none,
        web1: { ...none, errors: { '1e99f4': { code: 'EIO', message: 'does not end' } } },
      },
    },
  });
  const report = await client.stop(['1e99f4', 'web2#ffffff']);
  assert.deepEqual(Object.keys(report.drones), ['web1', 'web2']);
  assert.ok(report.drones['web1']?.errors['1e99f4'] instanceof FleetError);
  assert.deepEqual([report.unknown, report.absent], [['ffffff'], { old: 40 }]);
  assert.deepEqual(calls[0]?.[1]['processes'], [
    { drone: null, id: '1e99f4' },
    { drone: 'web2', id: 'ffffff' },
  ]);
});

test('a selector that matches no drone is an error, and nothing is stopped', async (t) => {
  const { client, calls } = await clientOf(t, { drones: DRONES });
  await assert.rejects(client.stop({ drones: ['db'] }), { code: 'ENODRONE' });
  assert.deepEqual(
    calls.map(([method]) => method),
    ['drones'],
  );
});

test('logs are listed for the drones that were selected, and not for those that failed', async (t) => {
  const { client } = await clientOf(t, {
    drones: DRONES,
    'logs.list': { drones: { web1: [], web2: [], old: { code: 'ECLOSED', message: 'lost' } } },
  });
  assert.deepEqual(await client.logList(), { web1: [], web2: [] });
  assert.deepEqual(await client.logList(['web2']), { web2: [] });
});
