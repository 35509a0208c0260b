import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type Movable,
  movedLines,
  nextMoveMs,
  type Placed,
  reschedule,
  withoutDrone,
} from '../../../src/hub/apps/rescheduling.ts';
import { SimulatedApp } from './simulated-app.ts';

/** A service on `a` and `b`, of which those in `lost` are away, and whose slots move after a second. */
const web = (lost: string, more: Partial<Movable> = {}): Movable => ({
  ...{ service: 'web', count: 2, port: null, rescheduleMs: 1000 },
  places: ['a', 'b', 'c'].map((name) => ({ name, isConnected: !lost.includes(name), processes: 0 })),
  ...more,
});
const away = (ms: number) => () => ms;

test('slots of a drone that is lost for long move, and move back when it is connected again', () => {
  const start: Placed = { placement: { web: { 1: 'a', 2: 'b' } }, homes: {} };
  const moved: Placed = { placement: { web: { 1: 'a', 2: 'c' } }, homes: { web: { 2: 'b' } } };
  const cases: [string, Placed, Movable, number, Placed][] = [
    ['nobody is lost', start, web(''), 0, start],
    ['not for long enough', start, web('b'), 999, start],
    ['for long enough', start, web('b'), 1000, moved],
    ['it stays moved', moved, web('b'), 5000, moved],
    ['it is back', moved, web(''), 0, start],
    [
      'where it went is lost, too',
      moved,
      web('bc'),
      1000,
      { placement: { web: { 1: 'a', 2: 'a' } }, homes: { web: { 2: 'b' } } },
    ],
    ['never, by default', start, web('b', { rescheduleMs: null }), 1e9, start],
    ['with nowhere to go, it stays', start, web('abc'), 1e9, start],
    [
      'one on each drone moves nowhere',
      start,
      web('b', { count: 'each' }),
      1e9,
      { placement: { web: { 1: 'a', 2: 'b', 3: 'c' } }, homes: {} },
    ],
    ['there are fewer now', moved, web('b', { count: 1 }), 1e9, { ...moved }],
    [
      'it may not be on its drone any more',
      moved,
      { ...web(''), places: web('').places.slice(2) },
      0,
      { placement: { web: { 1: 'c', 2: 'c' } }, homes: {} },
    ],
  ];
  for (const [what, before, service, ms, expected] of cases) {
    const after = reschedule(before, [service], away(ms));
    assert.deepEqual(after, expected, what);
    const again = reschedule(after, [service], away(ms));
    assert.equal(again.placement['web'], after.placement['web'], `${what}: once more changes nothing`);
    assert.equal(again.homes, after.homes, what);
  }
});

test('it is known when the next slot moves', () => {
  const placed: Placed = { placement: { web: { 1: 'a', 2: 'b' } }, homes: {} };
  assert.equal(nextMoveMs(placed, [web('')], away(0)), null);
  assert.equal(nextMoveMs(placed, [web('b')], away(300)), 700);
  assert.equal(nextMoveMs(placed, [web('b', { rescheduleMs: null })], away(300)), null);
  assert.equal(nextMoveMs(placed, [web('c')], away(300)), null);
});

test('a drone that was forgotten has no slots, and none belongs there', () => {
  const placed: Placed = { placement: { web: { 1: 'a', 2: 'c' } }, homes: { web: { 2: 'b' } } };
  assert.deepEqual(withoutDrone(placed, 'b'), { placement: placed.placement, homes: { web: {} } });
  assert.deepEqual(withoutDrone(placed, 'a'), { placement: { web: { 2: 'c' } }, homes: placed.homes });
  assert.equal(withoutDrone(placed, 'd'), null);
});

test('what moves is said', () => {
  const before = { repo: 'webapp', stage: 'pr-1', placement: { web: { 1: 'a', 2: 'b' } }, homes: {} };
  const moved = { placement: { web: { 1: 'a', 2: 'c' } }, homes: { web: { 2: 'b' } } };
  assert.deepEqual(movedLines(before, moved), ['webapp@pr-1: web.2 starts on c, as b is lost']);
  assert.deepEqual(movedLines({ ...before, ...moved }, before), ['webapp@pr-1: web.2 is back on b']);
  assert.deepEqual(movedLines(before, before), []);
});

test('an app goes on elsewhere while a drone is lost, and ends the surplus when that is back', () => {
  const simulated = new SimulatedApp(3);
  const settle = () =>
    simulated.settle(
      () => 0,
      () => {},
    );
  simulated.up('[services.web]\ncommand = "x"\ncount = 3\nreschedule = "5m"\n', 'good');
  settle();
  const where = () => simulated.instances.map(({ slot, drone }) => `${slot} ${drone}`).sort();
  assert.deepEqual(where(), ['1 d0', '2 d1', '3 d2']);
  const drone = simulated.drones[1];
  assert.ok(drone);
  drone.isConnected = false;
  simulated.away.set('d1', 299_999);
  settle();
  assert.deepEqual(where(), ['1 d0', '2 d1', '3 d2'], 'it may come back');
  simulated.away.set('d1', 300_000);
  settle();
  assert.deepEqual(where(), ['1 d0', '2 d0', '2 d1', '3 d2']);
  drone.isConnected = true;
  simulated.away.clear();
  settle();
  assert.deepEqual(where(), ['1 d0', '2 d1', '3 d2']);
  assert.deepEqual(simulated.look(), []);
});

test('without reschedule, a drone that nobody has heard of for long keeps its slots until it is forgotten', () => {
  const simulated = new SimulatedApp(2);
  const settle = () =>
    simulated.settle(
      () => 0,
      () => {},
    );
  simulated.up('[services.web]\ncommand = "x"\ncount = 2\n', 'good');
  settle();
  simulated.drones.pop();
  simulated.instances = simulated.instances.filter((one) => one.drone === 'd0');
  settle();
  assert.deepEqual(simulated.app.placement, { web: { 1: 'd0', 2: 'd1' } });
  simulated.app = { ...simulated.app, ...withoutDrone(simulated.app, 'd1') };
  settle();
  assert.deepEqual(simulated.app.placement, { web: { 1: 'd0', 2: 'd0' } });
});
