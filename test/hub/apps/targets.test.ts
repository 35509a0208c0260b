import assert from 'node:assert/strict';
import { test } from 'node:test';
import { countOf, placementOf, targetsOf, wantedSlots } from '../../../src/hub/apps/targets.ts';
import { makeApp, makeDrone, makeRelease, makeWorld } from './records.ts';
import { fileOf } from './simulated-app.ts';

const DRONES = [
  makeDrone('d1', { labels: { role: 'web' } }),
  makeDrone('d2', { labels: { role: 'web', zone: 'a' }, isConnected: false }),
  makeDrone('d3', { labels: { role: 'db' } }),
];
const FILE = fileOf({
  toml: `[deploy]
on = ["role=web", "d3"]
[services.web]
command = "x"
count = 2
on = ["zone=a"]
[services.agent]
command = "x"
count = "each"
`,
});
const [agent, web] = FILE.services.toSorted((a, b) => (a.name < b.name ? -1 : 1));
assert.ok(web && agent);

test('a service goes to drones that match both the app and the service, lost ones too', () => {
  const names = (on?: typeof web.on) => targetsOf(FILE, DRONES, on).map(({ name }) => name);
  assert.deepEqual(names(), ['d1', 'd2', 'd3']);
  assert.deepEqual(names(web.on), ['d2']);
  const outside = [makeDrone('d4', { labels: { zone: 'a' } })];
  assert.deepEqual(targetsOf(FILE, outside, web.on), []);
});

test('a scale wins over fleet.toml, also if it is zero', () => {
  assert.equal(countOf(makeApp([]), web), 2);
  assert.equal(countOf(makeApp([], { scale: { web: 0 } }), web), 0);
  const odd = { ...web, name: 'constructor' };
  assert.equal(countOf(makeApp([]), odd), 2, 'whatever a service is called');
});

test('the slots that there should be are those up to the count, lowest first', () => {
  const placement = { web: { 10: 'd1', 2: 'd3', 1: 'd1' }, agent: { 1: 'd1', 7: 'd3' } };
  const app = makeApp([], { placement });
  assert.deepEqual(wantedSlots(app, web), [
    { slot: 1, drone: 'd1' },
    { slot: 2, drone: 'd3' },
  ]);
  assert.deepEqual(
    wantedSlots(app, agent).map(({ slot }) => slot),
    [1, 7],
    'each has no highest slot',
  );
});

test('slots that a release does not need are given up only when it is live', () => {
  const placement = { web: { 1: 'd2', 2: 'd2', 3: 'd2' }, gone: { 1: 'd1' } };
  const context = { app: makeApp([], { placement }), world: makeWorld(DRONES), fileOf: () => FILE };
  const rolling = placementOf(context, makeRelease(1)).placement;
  assert.deepEqual([Object.keys(rolling['web'] ?? {}), rolling['gone']], [['1', '2', '3'], { 1: 'd1' }]);
  const live = placementOf(context, makeRelease(1, { state: 'live' })).placement;
  assert.deepEqual(live['web'], { 1: 'd2', 2: 'd2' });
  assert.equal(live['gone'], undefined);
  assert.deepEqual(Object.values(live['agent'] ?? {}).sort(), ['d1', 'd3'], 'a lost drone is not placed on');
});
