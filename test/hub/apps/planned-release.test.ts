import assert from 'node:assert/strict';
import { test } from 'node:test';
import { plannedRelease, plannedStop, plannedWay } from '../../../src/hub/apps/planned-release.ts';
import { makeApp, makeDrone, makeInstance, makeRelease, makeWorld } from './records.ts';
import { fileOf } from './simulated-app.ts';

const TOML =
  '[deploy]\nbuild = "make"\nrelease = "node migrate.js"\n[services.web]\ncommand = "x"\ncount = 2\n';
const DRONES = [makeDrone('d1'), makeDrone('d2')];
const LIVE = makeRelease(1, { state: 'live', liveAt: 1, toml: TOML });
const INSTANCES = [makeInstance(1, 1), makeInstance(2, 1, { drone: 'd2' })];
const context = {
  app: makeApp([LIVE], { live: 1, placement: { web: { 1: 'd1', 2: 'd2' } } }),
  ...{ world: makeWorld(DRONES, INSTANCES), fileOf },
};
const next = makeRelease(2, { toml: TOML, subject: 'Better' });

test('a release that has not begun says what it would be, where it would go, and how it would end', () => {
  const before = structuredClone(context.app);
  const { steps, begin, end } = plannedRelease(context, next);
  assert.deepEqual(
    steps.map((step) => step.do),
    ['replace', 'replace'],
  );
  assert.deepEqual(begin, {
    ...{ commit: next.commit, subject: 'Better', by: 'ada', of: null, env: next.change, builds: true },
    replaces: { release: 1, commit: LIVE.commit },
    ...{ notes: [], drones: ['d1', 'd2'], job: { drone: 'd1', command: ['node', 'migrate.js'] } },
  });
  assert.deepEqual([end?.state, end?.services, end?.lost], ['live', { web: { ready: 2, count: 2 } }, []]);
  assert.deepEqual(context.app, before, 'nothing is changed');
});

test('what is on a lost drone would not be ready, and a release that is repeated runs no command', () => {
  const drones = [makeDrone('d1'), makeDrone('d2', { isConnected: false })];
  const world = makeWorld(drones, INSTANCES.slice(0, 1));
  const { begin, end } = plannedRelease({ ...context, world }, { ...next, of: 1 });
  assert.equal(begin?.job, null);
  assert.deepEqual([end?.services, end?.lost], [{ web: { ready: 1, count: 2 } }, ['d2']]);
});

test('a canary would leave what serves, and be counted beside it', () => {
  const { steps, end } = plannedRelease(context, { ...next, canary: 1 });
  assert.deepEqual(
    steps.map((step) => step.do),
    ['start'],
  );
  assert.deepEqual([end?.state, end?.services], ['canary', { web: { ready: 2, count: 2, canary: 1 } }]);
});

test('a scale would start what is missing, and count it', () => {
  const app = { ...context.app, scale: { web: 3 } };
  const { steps, begin, end } = plannedWay({ ...context, app }, LIVE, 'scaled');
  assert.deepEqual(
    steps.map((step) => `${step.do} ${step.service}.${step.slot}`),
    ['start web.3'],
  );
  assert.deepEqual([begin, end.services], [null, { web: { ready: 3, count: 3, file: 2 } }]);
});

test('a stop would stop all', () => {
  const world = makeWorld(DRONES, INSTANCES.toReversed());
  const { steps, end } = plannedStop({ ...context, world }, 1);
  assert.deepEqual(
    [steps.map((step) => `${step.do} ${step.slot}`), end.state],
    [['stop 1', 'stop 2'], 'stopped'],
  );
});

test('a release that cannot reach one of its services would fail, and start and stop nothing', () => {
  const drones = [makeDrone('d1', { isConnected: false }), makeDrone('d2')];
  const live = { ...context.app, placement: { web: { 1: 'd1', 2: 'd1' } } };
  const { steps, end } = plannedRelease({ ...context, app: live, world: makeWorld(drones) }, next);
  assert.deepEqual(
    [steps, end?.state, end?.why, end?.replaces?.release, end?.lost],
    [[], 'failed', 'none of the drones of web is connected', 1, ['d1']],
  );
});
