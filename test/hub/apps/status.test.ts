import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AppRecord } from '../../../src/hub/apps/app-record.ts';
import { statusOf } from '../../../src/hub/apps/status.ts';
import type { Instance, World } from '../../../src/hub/apps/world.ts';
import { FleetError } from '../../../src/protocol/errors.ts';
import { directoryOf } from '../../fixtures/fake-connection.ts';
import { report } from '../../fixtures/fake-drone.ts';
import { makeApp, makeDrone, makeInstance, makeRelease, makeWorld } from './records.ts';
import { fileOf } from './simulated-app.ts';

const TOML = '[services.web]\ncommand = "x"\ncount = 2\n';
const LIVE = makeRelease(1, { state: 'live', liveAt: 0, toml: TOML, subject: 'First' });
const APP = makeApp([LIVE], { live: 1, placement: { web: { 1: 'd1', 2: 'd2' } } });
const BOTH = [makeInstance(1, 1), makeInstance(2, 1, { drone: 'd2' })];

function status(
  app: AppRecord,
  instances: Instance[],
  directory = directoryOf({ d1: [], d2: [] }).directory,
) {
  return statusOf(app, makeWorld([], instances), fileOf, directory);
}

test('an app is all right if all that should be there is ready, of the live release', () => {
  const one = makeInstance(1, 1);
  const table: [AppRecord, Instance[], boolean, string | null][] = [
    [APP, BOTH, true, null],
    [APP, [one], false, null],
    [APP, [one, makeInstance(2, 1, { isGood: false })], false, null],
    [APP, [one, makeInstance(2, 0)], false, null],
    [{ ...APP, scale: { web: 1 } }, [one], true, null],
    [
      { ...APP, undecided: 'v1 was not stored' },
      BOTH,
      false,
      'v1 was not stored; fleet up or fleet rollback decides',
    ],
    [
      APP,
      [...BOTH, makeInstance(1, 42)],
      false,
      'v42 runs, this hub knows up to v1; fleet up or fleet rollback decides',
    ],
  ];
  for (const [app, instances, ok, why] of table) {
    const { ok: isOk, why: said } = status(app, instances);
    assert.deepEqual([isOk, said], [ok, why]);
  }
});

test('what is under way does not make an app bad, and is said', () => {
  const under = (state: string) => {
    const releases = [LIVE, makeRelease(2, { state, toml: TOML })];
    return status({ ...APP, releases, last: 2, underWay: 2 }, BOTH);
  };
  assert.deepEqual([under('rolling').ok, under('rolling').why], [true, 'v2 is under way (rolling)']);
  assert.equal(under('canary').why, 'v2 is a canary; fleet promote or fleet rollback');
});

test('an app without a live release has the state of the last one', () => {
  const never = status(makeApp([]), []);
  assert.deepEqual([never.state, never.ok, never.time], [null, false, null]);
  assert.equal(status(makeApp([makeRelease(1, { state: 'stopped' })]), []).state, 'stopped');
  const first = status(makeApp([makeRelease(1, { toml: TOML })], { underWay: 1 }), []);
  assert.deepEqual([first.state, Object.keys(first.services)], ['rolling', ['web']]);
});

test('instances are listed by slot, with what their drone has measured, and the missing ones too', () => {
  const exit = { code: 1, signal: null };
  const measured = report('i11', { uptime: 5_000, restarts: 2, lastExit: exit, cpu: 3, memory: 100 });
  const { directory, drones } = directoryOf({ d1: [measured], d2: [] });
  directory.lose(drones.d2, new FleetError('ECLOSED', 'lost'));
  const instances = [makeInstance(3, 1, { isLeaving: true }), makeInstance(1, 1)];
  const web = status(APP, instances, directory).services['web'];
  assert.deepEqual(
    web?.instances.map(({ slot, state, why, cpu, restarts, uptime }) => [
      slot,
      state,
      why,
      cpu,
      restarts,
      uptime,
    ]),
    [
      [1, 'ready', null, 3, 2, 5],
      [2, 'missing', 'd2 is lost (0s)', null, null, null],
      [3, 'leaving', null, null, null, null],
    ],
  );
  assert.deepEqual(web?.instances[0]?.lastExit, exit);
});

test('what drones lack of the repository is there', () => {
  const { directory, drones } = directoryOf({ d1: [], d2: [] });
  const lag = { repo: 'webapp', commit: 'c'.repeat(40), why: 'the disk is full', retries: true };
  drones.d2.lack([lag, { ...lag, repo: 'other' }]);
  assert.deepEqual(status(APP, BOTH, directory).lags, [{ drone: 'd2', ...lag }]);
});

test('an app that is down is known by what was live last, not by what was tried since', () => {
  const stopped = makeRelease(1, { state: 'stopped', liveAt: 5 });
  const down = makeApp([stopped, makeRelease(2, { state: 'cancelled' })], { live: null });
  assert.equal(status(down, []).state, 'stopped');
  assert.equal(status(makeApp([makeRelease(1, { state: 'failed' })]), []).state, 'failed');
});

test('what keeps a missing instance away is said', () => {
  const { directory } = directoryOf({ d1: [], d2: [] });
  const whys = (more: Partial<World>) => {
    const world = makeWorld([makeDrone('d1'), makeDrone('d2')], [makeInstance(1, 1)], more);
    const { services } = statusOf(APP, world, fileOf, directory);
    return services['web']?.instances.map(({ state, why }) => [state, why]);
  };
  const second = (why: string | null) => [
    ['ready', null],
    ['missing', why],
  ];
  const under = (prepared: ReturnType<World['prepared']>) => whys({ prepared: () => prepared });
  assert.deepEqual(under('under way'), second('its checkout is being prepared'));
  assert.deepEqual(under({ why: 'the build exited with code 1' }), second('the build exited with code 1'));
  assert.deepEqual(under('ready'), second(null));
  assert.deepEqual(
    whys({ startFailure: () => ':80 is taken' }),
    second('could not be started: :80 is taken'),
  );
});
