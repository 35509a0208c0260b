import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { type AppRecord, newApp, type ReleaseRecord } from '../../src/hub/apps/app-record.ts';
import { EventLog } from '../../src/hub/events/event-log.ts';
import { EventNumbers } from '../../src/hub/events/event-numbers.ts';
import { Pruning } from '../../src/hub/pruning.ts';
import { FleetError } from '../../src/protocol/errors.ts';
import { featuresOf } from '../../src/protocol/features.ts';
import { directoryOf, FakeConnection } from '../fixtures/fake-connection.ts';
import { key } from '../fixtures/fake-drone.ts';

const [OLD, LIVE] = ['a'.repeat(40), 'b'.repeat(40)];
const release = (n: number, commit: string, state: string) =>
  ({ release: n, commit, state, time: 0, liveAt: n }) as ReleaseRecord;
const APP: AppRecord = {
  ...newApp('webapp', 'pr-1'),
  live: 2,
  releases: [release(1, OLD, 'retired'), release(2, LIVE, 'live')],
};
const DONE = { checkouts: [{ app: 'webapp@pr-1', commit: OLD, bytes: 5 }], freed: 7 };

/** A hub with two drones, and what it says. */
function hub(t: TestContext, apps: AppRecord[] = [APP]) {
  const { directory, drones } = directoryOf({ web1: [], web2: [] });
  const events = new EventLog(new EventNumbers(0, () => {}));
  const lines: string[] = [];
  for (const { connection } of Object.values(drones)) connection.answer = () => DONE;
  const pruning = new Pruning({
    ...{ directory, events, apps: () => apps, keepOf: () => 1, leads: () => true },
    deployed: { wantedSince: () => [{ repo: 'api', commit: LIVE, time: 1 }] },
    tidyRepositories: async () => 11,
    log: (line) => void lines.push(line),
  });
  t.after(() => pruning.close());
  return { directory, drones, events, pruning, lines };
}

test('each connected drone is told what stays, and one that fails does not hold up the others', async (t) => {
  const { directory, drones, pruning } = hub(t);
  drones.web2.connection.answer = () => {
    throw new FleetError('EIO', 'cannot read deploy');
  };
  const old = new FakeConnection(featuresOf('1.0.0', ['apps']));
  directory.join(old, { identity: key(), name: 'web3', processes: [] });
  const lost = directory.join(new FakeConnection(), { identity: key(), name: 'web4', processes: [] });
  directory.lose(lost, new FleetError('ECLOSED', 'lost'));
  assert.deepEqual(await pruning.prune(), {
    drones: {
      web1: DONE,
      web2: { code: 'EIO', message: 'cannot read deploy' },
      web3: { code: 'EPROTOCOL', message: 'its fleet 1.0.0 cannot remove old checkouts; upgrade it' },
    },
    absent: { web4: 0 },
    repositories: 11,
  });
  const order = {
    apps: { 'webapp@pr-1': { keep: [LIVE], retired: [OLD] } },
    deployed: [{ repo: 'api', commit: LIVE }],
    dryRun: false,
  };
  assert.deepEqual(drones.web1.connection.ordered, [['prune', order]]);
  assert.deepEqual(old.ordered, []);
});

test('a plan orders dry runs, and leaves the repositories alone', async (t) => {
  const { drones, pruning } = hub(t);
  assert.equal((await pruning.plan()).repositories, 0);
  assert.equal(drones.web1.connection.ordered[0]?.[1]['dryRun'], true);
});

test('of an app that runs newer releases than this hub knows, nothing is said', async (t) => {
  const { drones, pruning } = hub(t, [{ ...APP, undecided: 'v42 runs' }]);
  await pruning.prune();
  assert.deepEqual(drones.web1.connection.ordered[0]?.[1]['apps'], {});
});

test('when a release becomes live, the drones are tidied, and the log says so', async (t) => {
  const { drones, events, lines } = hub(t);
  const event = { type: 'release', app: 'webapp@pr-1', repo: 'webapp', release: 2 } as const;
  events.add({ ...event, state: 'failed' } as never);
  assert.deepEqual(drones.web1.connection.ordered, []);
  events.add({ ...event, state: 'live' } as never);
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(drones.web1.connection.ordered.length, 1);
  assert.deepEqual(lines.sort(), ['web1 has removed old checkouts: 1', 'web2 has removed old checkouts: 1']);
});

test('an hour after the start, and once a day, the drones are tidied', (t) => {
  t.mock.timers.enable({ apis: ['setInterval', 'setTimeout'] });
  const { drones } = hub(t);
  t.mock.timers.tick(3_600_000 - 1);
  assert.deepEqual(drones.web1.connection.ordered, []);
  t.mock.timers.tick(1);
  assert.equal(drones.web1.connection.ordered.length, 1);
  t.mock.timers.tick(23 * 3_600_000 - 1);
  assert.equal(drones.web1.connection.ordered.length, 1);
  t.mock.timers.tick(1);
  assert.equal(drones.web1.connection.ordered.length, 2);
});
