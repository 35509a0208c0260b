import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AppRecord, ReleaseRecord } from '../../../src/hub/apps/app-record.ts';
import { plannedSteps } from '../../../src/hub/apps/planned-steps.ts';
import type { Instance } from '../../../src/hub/apps/world.ts';
import { makeApp, makeDrone, makeInstance, makeRelease, makeWorld } from './records.ts';
import { fileOf } from './simulated-app.ts';

const TOML =
  '[services.web]\ncommand = "x"\ncount = 2\n[services.worker]\ncommand = "x"\norder = "stop-first"\n';
const DRONES = [makeDrone('d1'), makeDrone('d2')];
const PLACEMENT = { web: { 1: 'd1', 2: 'd2' }, worker: { 1: 'd1' } };

/** The steps of a release in lines, as `replace web.1 d1 i11`. */
function stepsOf(
  instances: Instance[],
  more: Partial<ReleaseRecord> = {},
  { drones = DRONES, ...app }: Partial<AppRecord> & { drones?: typeof DRONES } = {},
): string[] {
  const release = makeRelease(2, { toml: TOML, ...more });
  const context = {
    app: makeApp([release], { placement: PLACEMENT, ...app }),
    ...{ world: makeWorld(drones, instances), fileOf },
  };
  return plannedSteps(context, release).map(({ do: what, service, slot, drone, id, from }) => {
    const moved = from == null || from === drone ? '' : ` from ${from}`;
    return `${what} ${service}.${slot} ${drone} ${id}${moved}`;
  });
}

test('a plan says what would be started, replaced and stopped, and where', () => {
  const instances = [
    makeInstance(1, 1),
    makeInstance(3, 1),
    makeInstance(1, 1, { service: 'worker', drone: 'd2', id: 'w1' }),
    makeInstance(1, 1, { service: 'gone', drone: 'd2', id: 'g1' }),
    makeInstance(2, 1, { service: 'gone', drone: 'd2', id: 'g2', isLeaving: true }),
  ];
  assert.deepEqual(stepsOf(instances), [
    'replace web.1 d1 i11',
    'start web.2 d2 null',
    'stop web.3 d1 i31',
    'replace worker.1 d1 w1 from d2',
    'stop gone.1 d2 g1',
  ]);
});

test('what is of the release already stays, and what else is in its slot would be stopped', () => {
  const worker = makeInstance(1, 2, { service: 'worker', id: 'w2' });
  const web = [makeInstance(1, 2), makeInstance(1, 1), makeInstance(2, 2, { drone: 'd2' })];
  assert.deepEqual(stepsOf([...web, worker]), ['stop web.1 d1 i11']);
});

test('a canary starts its first slots beside what serves, and waits with what must not run twice', () => {
  const instances = [makeInstance(1, 1), makeInstance(2, 1, { drone: 'd2' })];
  assert.deepEqual(stepsOf(instances, { canary: 1 }), ['start web.1 d1 null']);
});

test('what is kept, or belongs to a drone that is lost, is left as it is', () => {
  const drones = [makeDrone('d1'), makeDrone('d2', { isConnected: false })];
  const instances = [makeInstance(1, 1), makeInstance(1, 1, { service: 'worker', id: 'w1' })];
  assert.deepEqual(stepsOf(instances, { keeps: { worker: 1 } }, { drones }), ['replace web.1 d1 i11']);
});
