import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseAppFile } from '../../../src/app-file/app-file.ts';
import { advance } from '../../../src/hub/apps/advance.ts';
import type { Command } from '../../../src/hub/apps/decision.ts';
import type { Instance, World } from '../../../src/hub/apps/world.ts';
import { makeApp, makeDrone, makeInstance, makeRelease, makeWorld } from './records.ts';

const toml = `[services.web]
command = "web"
count = 3
[services.worker]
command = "worker"
order = "stop-first"
`;
const file = parseAppFile({ toml, procfile: null, stage: null });
const placement = { web: { 1: 'd1', 2: 'd1', 3: 'd2' }, worker: { 1: 'd1' } };
const drones = [makeDrone('d1'), makeDrone('d2')];
const old = makeRelease(1, { state: 'live' });

const shown = (command: Command) =>
  command.do === 'stop'
    ? `stop ${command.instance.service}.${command.instance.slot}`
    : command.do === 'start'
      ? `start ${command.service.name}.${command.slot.slot}`
      : command.do === 'prepare'
        ? `prepare ${command.drone}`
        : command.do;

/** The next steps to release 2, from these instances. */
function steps(
  instances: Instance[],
  isCautious: boolean,
  more: Parameters<typeof makeRelease>[1] = {},
  world: Partial<World> = {},
) {
  const release = makeRelease(2, { replaces: 1, ...more });
  const app = makeApp([old, release], { placement, live: 1, underWay: 2 });
  const context = { app, world: makeWorld(drones, instances, world), fileOf: () => file };
  const { commands, isSettled } = advance(context, release, { isCautious });
  return [...commands.map(shown), ...(isSettled ? ['settled'] : [])];
}
const web = (slot: number, release: number, more: Partial<Instance> = {}) =>
  makeInstance(slot, release, { drone: slot === 3 ? 'd2' : 'd1', ...more });
const worker = (release: number, more: Partial<Instance> = {}) =>
  makeInstance(1, release, { service: 'worker', ...more });
const OLD = [web(1, 1), web(2, 1), web(3, 1), worker(1)];

for (const [what, isCautious, instances, expected] of [
  ['cautiously, the first one goes ahead alone', true, OLD, ['start web.1']],
  ['also if nothing was there before', true, [], ['start web.1']],
  ['until it is good, nothing else happens', true, [...OLD, web(1, 2, { isGood: false })], []],
  ['when it is good, the others follow', true, [...OLD, web(1, 2)], ['stop web.1', 'stop worker.1']],
  ['back to what worked, all services go at once', false, OLD, ['start web.1', 'stop worker.1']],
  [
    'when all are there, nothing is left to do',
    true,
    [web(1, 2), web(2, 2), web(3, 2), worker(2)],
    ['settled'],
  ],
  [
    'a service that is gone is stopped once all is good',
    true,
    [web(1, 2), web(2, 2), web(3, 2), worker(2), makeInstance(1, 1, { service: 'old' })],
    ['stop old.1'],
  ],
  [
    'and is left alone while something is not',
    true,
    [web(1, 2), web(2, 2), web(3, 2, { isGood: false }), worker(2), makeInstance(1, 1, { service: 'old' })],
    [],
  ],
] as const) {
  test(what, () => {
    assert.deepEqual(steps([...instances], isCautious), expected);
  });
}

test('a checkout is made before the first start there', () => {
  assert.deepEqual(steps(OLD, true, {}, { prepared: () => null }), ['prepare d1']);
  assert.deepEqual(steps(OLD, true, {}, { prepared: () => 'under way' }), []);
});

test('what could not be started is not tried again by itself', () => {
  assert.deepEqual(steps(OLD, true, {}, { startFailure: () => 'no such file' }), []);
});

test('a canary starts as many as it has, stops none, and leaves stop-first services alone', () => {
  const canary = { canary: 1 };
  assert.deepEqual(steps(OLD, true, canary), ['start web.1']);
  assert.deepEqual(steps([...OLD, web(1, 2)], true, canary), ['settled']);
});

test('a service that the release keeps is not touched', () => {
  const keeps = { keeps: { web: 1 } };
  assert.deepEqual(steps(OLD, false, keeps), ['stop worker.1']);
});

test('what belongs to a lost drone is waited for, and the rest goes on', () => {
  const lost = { drones: [makeDrone('d1'), makeDrone('d2', { isConnected: false })] };
  const there = [web(1, 2), web(2, 2), worker(2)];
  assert.ok(!steps(there, false, {}, lost).some((step) => step.includes('web.3')));
});
