import assert from 'node:assert/strict';
import { test } from 'node:test';
import { failureOf, unreachable, withinOf } from '../../../src/hub/apps/failure.ts';
import type { AppDrone, Instance, World } from '../../../src/hub/apps/world.ts';
import { makeApp, makeDrone, makeInstance, makeRelease, makeWorld } from './records.ts';
import { fileOf } from './simulated-app.ts';

const FILE = fileOf({
  toml: '[services.web]\ncommand = "x"\ncount = 2\nhealth = { within = "30s" }\n[services.worker]\ncommand = "x"\nhealth = { stable = "5s" }\ncount = 0',
});
const PLACEMENT = { web: { 1: 'd1', 2: 'd2' } };
const RELEASE = makeRelease(2);
const BAD = { isGood: false, state: 'starting' };

function failure(
  instances: Instance[],
  more: Partial<World> = {},
  drones = [makeDrone('d1'), makeDrone('d2')],
) {
  const app = makeApp([RELEASE], { placement: PLACEMENT, underWay: 2 });
  return failureOf({ app, world: makeWorld(drones, instances, more), fileOf: () => FILE }, RELEASE);
}

test('an instance has failed as soon as it has exited, was given up, or took too long', () => {
  const table: [Partial<Instance>, string | null][] = [
    [{}, null],
    [{ ...BAD, ageMs: 30_000 }, null],
    [{ ...BAD, ageMs: 30_001 }, 'was not ready within 30s'],
    [{ ...BAD, ageMs: 31_000, why: 'GET / answered 500' }, 'was not ready within 30s: GET / answered 500'],
    [{ ...BAD, exit: 'exited with code 1', ageMs: 230 }, 'exited with code 1 after 0.2s'],
    [{ ...BAD, state: 'given-up', why: null }, 'was given up'],
    [{ ...BAD, state: 'given-up', why: 'has ended too often' }, 'has ended too often'],
    [{ exit: 'exited with code 1' }, null],
    [{ ...BAD, exit: 'exited with code 1', isLeaving: true }, null],
    [{ ...BAD, exit: 'exited with code 1', release: 1 }, null],
  ];
  for (const [more, reason] of table) {
    const instance = makeInstance(2, 2, more);
    const found = failure([instance]);
    if (reason === null) assert.equal(found, null);
    else assert.deepEqual(found, { why: `web.2 ${reason}`, reason, failed: instance });
  }
});

test('what cannot be started or prepared has failed, and is no instance’s fault', () => {
  const refused = failure([], { startFailure: ({ slot }) => (slot === 2 ? 'no such user' : null) });
  assert.deepEqual([refused?.why, refused?.failed], ['web.2 could not be started on d2: no such user', null]);
  const unbuilt = failure([], {
    prepared: (drone) => (drone === 'd1' ? { why: 'exited with code 1' } : 'ready'),
  });
  assert.equal(unbuilt?.why, 'd1: exited with code 1');
  assert.equal(failure([], { prepared: () => 'under way' }), null);
});

test('a service without any drone has failed; what a lost drone would run is left out', () => {
  const lost = (name: string) => makeDrone(name, { isConnected: false });
  const reached = (...drones: AppDrone[]) =>
    unreachable(
      { app: makeApp([RELEASE], { placement: PLACEMENT }), world: makeWorld(drones), fileOf: () => FILE },
      RELEASE,
    );
  assert.equal(reached(lost('d1'), lost('d2'))?.why, 'none of the drones of web is connected');
  assert.equal(reached(makeDrone('d1'), lost('d2')), null);
  assert.equal(failure([], {}, [lost('d1'), lost('d2')]), null, 'which does not keep it from going back');
  const broken: Partial<World> = { startFailure: ({ slot }) => (slot === 2 ? 'why' : null) };
  assert.equal(failure([], broken, [makeDrone('d1'), lost('d2')]), null);
});

test('one that is not served has its stable time, and a while more', () => {
  assert.deepEqual(FILE.services.map(withinOf), [30_000, 35_000]);
});
