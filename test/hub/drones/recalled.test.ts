import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { Tokens } from '../../../src/hub/access/tokens.ts';
import { DroneDirectory } from '../../../src/hub/drones/directory.ts';
import type { DroneConnection } from '../../../src/hub/drones/drone.ts';
import { expectedDrones, recallDrones, reserveNames } from '../../../src/hub/drones/recalled.ts';
import { SeenDrones } from '../../../src/hub/drones/seen-drones.ts';
import { EventLog } from '../../../src/hub/events/event-log.ts';
import { EventNumbers } from '../../../src/hub/events/event-numbers.ts';
import { FileStore } from '../../../src/hub/store/file-store.ts';
import { FleetError } from '../../../src/protocol/errors.ts';
import type { ProcessReport } from '../../../src/protocol/process.ts';
import { eventually } from '../../fixtures/local-fleet.ts';
import { OWNER } from '../../fixtures/principal.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'fleet-recalled-'));
});
afterEach(() => rmSync(dir, { recursive: true }));

const HOUR = 3_600_000;
const CONNECTION = { features: { version: '1.0.0' }, end: () => {} } as unknown as DroneConnection;

const REPORT: ProcessReport = {
  id: 'c0ffee',
  key: 'c'.repeat(32),
  repo: 'webapp',
  commit: 'c'.repeat(40),
  command: ['node', 'server.js'],
  status: 'running',
  restarts: 0,
  lastExit: null,
  uptime: 1_000,
  respawnIn: 0,
  pid: 1,
};

const open = () => SeenDrones.open(new FileStore(dir, assert.fail), assert.fail);
const newLog = () => new EventLog(new EventNumbers(0, () => {}));

/** What a hub has left that knew these drones, by identity. */
function left(
  drones: Record<string, { name: string; seen: number; connected: boolean }>,
): Promise<SeenDrones> {
  writeFileSync(join(dir, 'hub.json'), JSON.stringify({ drones, deployed: [] }));
  return open();
}

test('drones that were here within the last hour are known, with their names and processes', async () => {
  const now = Date.now();
  const seen = await left({
    one: { name: 'web1', seen: now - 10 * HOUR, connected: true },
    two: { name: 'web2', seen: now - HOUR / 2, connected: false },
    three: { name: 'web3', seen: now - 2 * HOUR, connected: false },
  });
  const directory = recallDrones(seen, new Map([['two', [{ report: REPORT, ageMs: 1_000 }]]]), newLog());
  assert.deepEqual(
    directory.all().map(({ name }) => name),
    ['web1', 'web2'],
  );
  assert.deepEqual(
    [...(directory.get('web2')?.processes.keys() ?? [])],
    ['c0ffee'],
    'and what they told last',
  );
  const introduction = { identity: 'four', name: 'web1', processes: [] };
  assert.equal(directory.join(CONNECTION, introduction).name, 'web1-1', 'that name is taken');
  assert.equal(directory.join(CONNECTION, { ...introduction, identity: 'one' }).name, 'web1');
  await seen.written();
});

test('those that were connected, or were lost within the last minute, are expected back', async () => {
  const now = Date.now();
  const seen = await left({
    connected: { name: 'web1', seen: now - 10 * HOUR, connected: true },
    lately: { name: 'web2', seen: now - 30_000, connected: false },
    longAgo: { name: 'web3', seen: now - 90_000, connected: false },
  });
  assert.deepEqual(expectedDrones(seen), ['connected', 'lately']);
});

test('a drone that joins is removed from the list, and one that is lost is added', async () => {
  const seen = await left({});
  const events = newLog();
  const directory = recallDrones(seen, new Map(), events);
  const drone = directory.join(CONNECTION, { identity: 'one', name: 'web1', processes: [] });
  directory.lose(drone, new FleetError('ECLOSED', 'it hung up'));
  const told = events.since(0).events.map(({ seq, time, ...event }) => event);
  const { key: connection } = drone;
  assert.deepEqual(told, [
    { type: 'joined', drone: 'web1', version: '1.0.0', connection },
    { type: 'lost', drone: 'web1', why: 'it hung up', connection },
  ]);
  await seen.written();
  const again = await open();
  const [known] = again.drones();
  assert.deepEqual([known?.identity, known?.name, known?.connected], ['one', 'web1', false]);
});

test('a drone that does not come back within an hour of a start is not expected at the next start either', async (t) => {
  const seen = await left({ one: { name: 'web1', seen: Date.now() - 10 * HOUR, connected: true } });
  const directory = recallDrones(seen, new Map(), newLog());
  assert.equal(directory.all().length, 1);
  const now = performance.now() + HOUR + 1;
  t.mock.method(performance, 'now', () => now);
  assert.equal(directory.all().length, 0);
  await seen.written();
  const again = await open();
  assert.deepEqual(expectedDrones(again), []);
  assert.deepEqual(recallDrones(again, new Map(), newLog()).all(), []);
  assert.equal(again.drones().length, 1, 'its name and labels are known for longer');
});

test('what one hub learns of a drone, another one with the same store knows as well', async () => {
  const store = new FileStore(dir, assert.fail);
  const hubs = await Promise.all(
    [0, 1].map(async () => {
      const seen = await SeenDrones.open(store, assert.fail);
      return { seen, directory: recallDrones(seen, new Map(), newLog()) };
    }),
  );
  const [one, other] = hubs as [(typeof hubs)[0], (typeof hubs)[0]];
  const told: string[] = [];
  other.directory.on('labelled', ({ labels }) => told.push(JSON.stringify(labels)));
  /** Performs a change at one hub, and resolves once the other one has heard of it. */
  const done = async (change: () => void) => {
    const heard = once(other.seen, 'elsewhere');
    change();
    await one.seen.written();
    await heard;
  };
  const introduction = { identity: 'one', name: 'web1', processes: [], labels: { zone: 'a' } };
  await done(() => one.seen.seen(one.directory.join(CONNECTION, introduction), 'connected'));
  const known = other.directory.get('web1');
  assert.deepEqual([known?.identity, known?.labels], ['one', { zone: 'a' }]);
  assert.equal(other.directory.join(CONNECTION, { ...introduction, identity: 'two' }).name, 'web1-1');

  await done(() => one.directory.label('web1', { rack: '7' }, []));
  assert.deepEqual([known?.labels, told], [{ zone: 'a', rack: '7' }, ['{"zone":"a","rack":"7"}']]);
  await other.seen.written();

  const drone = one.directory.get('web1');
  assert.ok(drone);
  await done(() => {
    one.directory.lose(drone, new FleetError('ECLOSED', 'it hung up'));
    one.directory.forget('web1');
  });
  assert.equal(other.directory.get('web1'), undefined);
  assert.deepEqual(
    (await open()).drones().map(({ name }) => name),
    [],
  );
});

test('what one hub notes too late of a drone that another one has, that one sets right', async () => {
  const store = new FileStore(dir, assert.fail);
  const [one, other] = [await SeenDrones.open(store, assert.fail), await SeenDrones.open(store, assert.fail)];
  const drone = { identity: 'one', name: 'web1' };
  one.seen(drone, 'connected');
  await one.written();
  await eventually(() => other.drones()[0], 'the other hub knows the drone');
  const directory = recallDrones(other, new Map(), newLog());
  directory.join(CONNECTION, { ...drone, processes: [] });
  for (const late of [() => one.seen(drone, 'lost'), () => one.forget('one')]) {
    const heard = once(other, 'elsewhere');
    late();
    await one.written();
    await heard;
    await other.written();
    assert.deepEqual(
      (await open()).drones().map(({ name, connected }) => [name, connected]),
      [['web1', true]],
    );
    await eventually(() => one.drones()[0]?.connected, 'the first hub knows that it is connected');
  }
  assert.ok(directory.get('web1')?.connection);
});

const tokenFor = (name: string, drone: string, invitation = false) => ({
  ...{ name, drone, invitation, can: ['drone' as const], repo: null, lifetime: HOUR },
});

/** Returns the name that a drone gets which asks for one with a token. */
function nameOf(directory: DroneDirectory, by: string, name: string, only: string | null = null): string {
  return directory.join(CONNECTION, { ...{ identity: `${by} ${name}`, name, by, only }, processes: [] }).name;
}

test('a name is kept for the drone of its token, whichever hub has made that', async () => {
  const store = new FileStore(dir, assert.fail);
  const [one, other] = [await Tokens.open(store), await Tokens.open(store)];
  await one.create(OWNER, tokenFor('before', 'web1'));
  const directory = new DroneDirectory();
  reserveNames(one, directory);
  const made = once(one, 'made');
  await other.create(OWNER, tokenFor('after', 'web2'));
  await made;
  assert.equal(nameOf(directory, 'ci', 'web1'), 'web1-1');
  assert.equal(nameOf(directory, 'ci', 'web2'), 'web2-1');
  assert.equal(nameOf(directory, 'before', 'web1', 'web1'), 'web1');
  assert.equal(nameOf(directory, 'after', 'web2', 'web2'), 'web2');
});

test('an invitation that nobody has used when the hub starts anew still lets in its drone', async () => {
  const opened = () => Tokens.open(new FileStore(dir, assert.fail));
  await (await opened()).create(OWNER, tokenFor('invitation', 'web1', true));
  const directory = new DroneDirectory();
  reserveNames(await opened(), directory);
  assert.equal(nameOf(directory, 'the key of the drone', 'web1', 'web1'), 'web1');
});
