import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Drone } from '../../../src/hub/drones/drone.ts';
import { endpointsOf, seenFrom } from '../../../src/hub/traffic/endpoints-of.ts';
import type { InstanceReport } from '../../../src/protocol/instance.ts';
import type { ProcessReport } from '../../../src/protocol/process.ts';

const routes = [{ host: 'example.com', path: '/' }];
const traffic = { of: (app: string) => (app === 'webapp' ? { routes, drainMs: 5_000 } : null) };

function droneWith(
  instance: Partial<InstanceReport>,
  { isLost = false, status = 'running' as ProcessReport['status'] } = {},
): Drone {
  const whole = {
    app: 'webapp',
    service: 'web',
    slot: 1,
    release: 3,
    port: 20_000,
    state: 'ready',
    why: null,
  };
  const report = { id: 'abcdef', status, instance: { ...whole, ...instance } } as ProcessReport;
  const processes = new Map([['abcdef', { report, at: 0 }]]);
  const connection = isLost ? null : ({} as Drone['connection']);
  return { name: 'web1', address: '10.0.0.5', connection, processes } as unknown as Drone;
}

const stateOf = (drone: Drone, leaving: string[] = []) =>
  endpointsOf(drone, new Set(leaving), traffic).map(({ state }) => state)[0] ?? null;

test('a ready instance is an endpoint, with the hosts of its release and the address of its drone', () => {
  assert.deepEqual(endpointsOf(droneWith({}), new Set(), traffic), [
    {
      ...{ app: 'webapp', service: 'web', slot: 1, drone: 'web1', id: 'abcdef', address: '10.0.0.5' },
      ...{ port: 20_000, release: 3, state: 'ready', routes, drainMs: 5_000 },
    },
  ]);
});

test('an instance of a release that the hub does not know has no hosts', () => {
  const [endpoint] = endpointsOf(droneWith({ app: 'other' }), new Set(), traffic);
  assert.deepEqual([endpoint?.state, endpoint?.routes], ['ready', []]);
});

test('its state says whether it gets requests', () => {
  const cases: [Drone, string[], string | null][] = [
    [droneWith({}), [], 'ready'],
    [droneWith({}), ['abcdef'], 'leaving'],
    [droneWith({ state: 'not-ready' }), [], 'not-ready'],
    [droneWith({ state: 'starting' }), [], null],
    [droneWith({ state: 'given-up' }), [], null],
    [droneWith({ state: 'up', port: null }), [], null],
    [droneWith({}, { status: 'respawning' }), [], null],
    [droneWith({}, { isLost: true }), [], 'lost'],
    [droneWith({ state: 'not-ready' }, { isLost: true }), [], null],
  ];
  for (const [drone, leaving, expected] of cases)
    assert.equal(stateOf(drone, leaving), expected, JSON.stringify([...drone.processes.values()]));
});

test('what is on loopback is reached from the same machine only', () => {
  const [endpoint] = endpointsOf(droneWith({}), new Set(), traffic);
  assert.ok(endpoint);
  const local = { ...endpoint, address: '127.0.0.1' };
  assert.equal(seenFrom('127.0.0.1', local).address, '127.0.0.1');
  assert.equal(seenFrom('10.0.0.9', local).address, null);
  assert.equal(seenFrom('10.0.0.9', endpoint).address, '10.0.0.5');
});
