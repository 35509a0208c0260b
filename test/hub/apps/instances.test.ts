import assert from 'node:assert/strict';
import { test } from 'node:test';
import { exitText, instancesOf, type Ordered } from '../../../src/hub/apps/instances.ts';
import type { Drone } from '../../../src/hub/drones/drone.ts';
import type { ProcessReport } from '../../../src/protocol/process.ts';
import { report } from '../../fixtures/fake-drone.ts';

const NOW = 10_000;
const instance = {
  app: 'webapp',
  service: 'web',
  slot: 1,
  release: 3,
  port: 20_000,
  state: 'ready',
  why: null,
};

/** A drone that has reported these processes two seconds ago. */
function drone(reports: ProcessReport[], more: Partial<Drone> = {}): Drone {
  const processes = new Map(reports.map((one) => [one.id, { report: one, at: NOW - 2_000 }]));
  return { name: 'd1', connection: {}, processes, ...more } as unknown as Drone;
}
const of = (reports: ProcessReport[], ordered: Ordered[] = [], leaving: string[] = []) =>
  instancesOf('webapp', [drone(reports)], ordered, new Set(leaving), NOW);
const web = (more: Partial<ProcessReport> = {}) =>
  report('000001', { instance, uptime: 5_000, ...more } as Partial<ProcessReport>);

test('only processes of the app count, on drones that are connected', () => {
  const other = report('000002', { instance: { ...instance, app: 'webapp@pr-1' } } as Partial<ProcessReport>);
  assert.deepEqual(
    of([web(), other, report('000003')]).map(({ id }) => id),
    ['000001'],
  );
  assert.deepEqual(instancesOf('webapp', [drone([web()], { connection: null })], [], new Set(), NOW), []);
});

for (const [what, more, leaving, isGood] of [
  ['ready', {}, [], true],
  ['up', { instance: { ...instance, state: 'up' } }, [], true],
  ['not ready', { instance: { ...instance, state: 'not-ready' } }, [], false],
  ['ready, but dead since', { status: 'respawning' }, [], false],
  ['ready, but told to leave', {}, ['000001'], false],
] as const) {
  test(`an instance that is ${what} is ${isGood ? 'good' : 'not good'}`, () => {
    const [one] = of([web(more as Partial<ProcessReport>)], [], [...leaving]);
    assert.equal(one?.isGood, isGood);
    assert.equal(one?.isLeaving, leaving.length > 0);
  });
}

test('an instance is as old as its order, or, if that is not known, as its run', () => {
  const order = { id: '000001', service: 'web', slot: 1, drone: 'd1', release: 3, at: NOW - 60_000 };
  assert.equal(of([web()])[0]?.ageMs, 7_000);
  const [one, ...more] = of([web()], [order]);
  assert.equal(one?.ageMs, 60_000);
  assert.deepEqual(more, [], 'it is there once');
});

test('what was ordered and has no answer yet is there too, and starts', () => {
  const order = { id: null, service: 'web', slot: 2, drone: 'd2', release: 3, at: NOW - 50 };
  const [one, ...more] = of([], [order]);
  assert.deepEqual(more, []);
  assert.deepEqual(
    [one?.id, one?.slot, one?.drone, one?.state, one?.isGood, one?.ageMs],
    [null, 2, 'd2', 'starting', false, 50],
  );
});

for (const [exit, text] of [
  [{ code: 1, signal: null }, 'exited with code 1'],
  [{ code: null, signal: 'SIGKILL' }, 'was ended by SIGKILL'],
  [{ code: 0, signal: null, error: 'left pid 7' }, 'exited with code 0, left pid 7'],
  [{ code: null, signal: null, error: 'no such file' }, 'could not be started: no such file'],
  [{ code: null, signal: null }, 'has ended'],
] as const) {
  test(`an end in words: ${text}`, () => {
    assert.equal(exitText(exit), text);
  });
}
