import assert from 'node:assert/strict';
import { test } from 'node:test';
import { plannedSteps } from '../../../src/hub/apps/planned-steps.ts';
import { makeApp, makeDrone, makeInstance, makeWorld } from './records.ts';
import { fileOf } from './simulated-app.ts';

const TOML = '[services.web]\ncommand = "x"\ncount = 2\n[services.worker]\ncommand = "x"\n';
const DRONES = [makeDrone('d1'), makeDrone('d2')];

test('a plan says what would be started, replaced and stopped, and where', () => {
  const app = makeApp([], { placement: { web: { 1: 'd1', 2: 'd2', 3: 'd1' } } });
  const instances = [
    makeInstance(1, 1),
    makeInstance(3, 1),
    makeInstance(1, 1, { service: 'gone', drone: 'd2', id: 'g1' }),
  ];
  const steps = plannedSteps(app, fileOf({ toml: TOML }), makeWorld(DRONES, instances));
  const lines = steps.map(
    ({ do: what, service, slot, drone, id }) => `${what} ${service}.${slot} ${drone} ${id}`,
  );
  assert.deepEqual(lines.slice(0, 2), ['replace web.1 d1 i11', 'start web.2 d2 null']);
  assert.match(lines[2] ?? '', /^start worker\.1 d[12] null$/);
  assert.deepEqual(lines.slice(3), ['stop web.3 d1 i31', 'stop gone.1 d2 g1']);
});

test('a plan changes nothing', () => {
  const app = makeApp([]);
  const before = structuredClone(app);
  plannedSteps(app, fileOf({ toml: TOML }), makeWorld(DRONES));
  assert.deepEqual(app, before);
});
