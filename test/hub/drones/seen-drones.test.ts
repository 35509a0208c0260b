import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { SeenDrones } from '../../../src/hub/drones/seen-drones.ts';
import { FileStore } from '../../../src/hub/store/file-store.ts';
import { groupKey } from '../../../src/hub/store/groups.ts';
import type { Json, Store } from '../../../src/hub/store/store.ts';
import { FleetError } from '../../../src/protocol/errors.ts';
import { Clock } from '../../fixtures/clock.ts';
import { key } from '../../fixtures/fake-drone.ts';
import { eventually } from '../../fixtures/local-fleet.ts';
import { SharedMemory } from '../../fixtures/shared-store.ts';
import { temporaryFolder } from '../../fixtures/temporary-folder.ts';

const DAY_MS = 24 * 3_600_000;
const open = (dir: string, log: (line: string) => void = assert.fail) =>
  SeenDrones.open(new FileStore(dir, assert.fail), log);
const namesOf = (seen: SeenDrones) =>
  seen
    .drones()
    .map(({ name }) => name)
    .sort();

/** A store with nothing in it yet. */
function emptyStore({ create }: Pick<Store, 'create'>): Store {
  return {
    create,
    list: async () => [],
    watch: () => () => {},
    where: (at: string) => at,
  } as unknown as Store;
}

function hubWith(t: TestContext, state: object) {
  const dir = temporaryFolder(t);
  const file = join(dir, 'hub.json');
  writeFileSync(file, JSON.stringify({ version: 1, drones: {}, deployed: [], ...state }));
  return { dir, file, read: () => JSON.parse(readFileSync(file, 'utf8')) };
}

test('what has become of a drone is known at once, and after a restart; keys from a newer fleet are kept', async (t) => {
  const { dir, read } = hubWith(t, { apps: { webapp: 1 } });
  const first = await open(dir);
  const identity = key();
  const said = { ownLabels: { zone: 'a' }, address: '10.0.0.5' };
  first.seen({ identity, name: 'web1', ...said, by: 'ci' }, 'connected');
  first.label(identity, { role: 'web' });
  assert.ok((first.lastSeen(identity) ?? 0) > 0);
  await first.written();
  const second = await open(dir);
  const [drone] = second.drones();
  assert.deepEqual(
    [drone?.identity, drone?.connected, drone?.labels, drone?.ownLabels, drone?.address, drone?.by],
    [identity, true, { role: 'web' }, { zone: 'a' }, '10.0.0.5', 'ci'],
  );
  second.seen({ identity, name: 'web1', by: 'other' }, 'lost');
  assert.equal(second.drones()[0]?.by, 'ci', 'whose token it had first');
  await second.written();
  const { version, apps, drones } = read();
  assert.deepEqual([version, apps, drones[identity].connected], [1, { webapp: 1 }, false]);
});

test('a drone is forgotten by its identity, or by its name while it is away', async (t) => {
  const { dir } = hubWith(t, {});
  const seen = await open(dir);
  for (const name of ['web1', 'web2', 'web3']) seen.seen({ identity: name, name }, 'connected');
  seen.forget('web1');
  seen.seen({ identity: 'web2', name: 'web2' }, 'lost');
  seen.forgetNamed('web2');
  seen.forgetNamed('web3');
  seen.label('web1', { role: 'web' });
  assert.deepEqual(namesOf(seen), ['web3']);
  await seen.written();
  assert.deepEqual(namesOf(await open(dir)), ['web3']);
});

test('one that is expected back for too long counts as lost since then', async (t) => {
  const { dir } = hubWith(t, { drones: { a: { name: 'web1', seen: 1, connected: true } } });
  const seen = await open(dir);
  seen.expire('a', 0);
  const since = seen.lastSeen('a');
  seen.expire('a', DAY_MS);
  seen.expire('b', 0);
  assert.deepEqual([seen.lastSeen('a'), seen.drones().length], [since, 1]);
  await seen.written();
});

test('a drone that has been away for more than 90 days is forgotten', async (t) => {
  const drone = (name: string, days: number, connected: boolean) => ({
    [key()]: { name, seen: Date.now() - days * DAY_MS, connected },
  });
  const drones = { ...drone('gone', 91, false), ...drone('away', 89, false), ...drone('here', 91, true) };
  const { dir } = hubWith(t, { drones });
  const seen = await open(dir);
  seen.seen({ identity: 'new', name: 'new' }, 'connected');
  await seen.written();
  assert.deepEqual(namesOf(await open(dir)), ['away', 'here', 'new']);
});

test('what could not be stored is stored with the next', async (t) => {
  const { dir, file } = hubWith(t, {});
  const seen = await open(dir);
  const obstacle = `${file}.soon.${process.pid}.tmp`;
  mkdirSync(join(obstacle, 'in-the-way'), { recursive: true });
  seen.seen({ identity: 'a', name: 'web1' }, 'connected');
  await assert.rejects(seen.written(), { code: 'EIO' });
  assert.deepEqual(namesOf(seen), ['web1']);
  rmSync(obstacle, { recursive: true });
  seen.seen({ identity: 'b', name: 'web2' }, 'connected');
  await seen.written();
  assert.deepEqual(namesOf(await open(dir)), ['web1', 'web2']);
});

test('what an engine does not take is tried again after a while, and said once', async (t) => {
  const clock = new Clock(t);
  const [stored, lines] = [new Map<string, Json>(), [] as string[]];
  let isAway = true;
  const create = async (key: string, value: Json) => {
    if (isAway) throw new FleetError('ECLUSTER', 'the cluster has no majority');
    return stored.set(key, value).size;
  };
  const seen = await SeenDrones.open(emptyStore({ create }), (line) => lines.push(line));
  for (let n = 0; n < 100; n++) seen.seen({ identity: 'a', name: 'web1' }, n % 2 ? 'lost' : 'connected');
  for (const ms of [200, 5_000, 5_000]) {
    clock.pass(ms);
    await turn();
  }
  assert.deepEqual([lines, stored.size], [['the cluster has no majority'], 0]);
  isAway = false;
  clock.pass(5_000);
  await turn();
  assert.deepEqual([...stored.keys()], [groupKey('drones', 'a')]);
  isAway = true;
  seen.seen({ identity: 'b', name: 'web2' }, 'connected');
  await seen.close();
  clock.pass(60_000);
  await turn();
  assert.deepEqual([lines.length, stored.size], [2, 1], 'nothing is tried after the end');
});

test('a drone that joins again as it was known is not stored again, until an hour later', async (t) => {
  const clock = new Clock(t);
  let count = 0;
  const counting = async () => ++count;
  const store = { ...emptyStore({ create: counting }), update: counting } as Store;
  const seen = await SeenDrones.open(store, assert.fail);
  const drone = { identity: 'a', name: 'web1', ownLabels: { zone: 'a' }, by: null };
  const writes = async (one: typeof drone, now: 'connected' | 'lost' = 'connected') => {
    const before = count;
    seen.seen(one, now);
    await seen.written();
    return count - before;
  };
  assert.equal(await writes(drone), 1);
  clock.pass(60_000);
  assert.equal(await writes(drone), 0);
  assert.equal(await writes({ ...drone, ownLabels: { zone: 'b' } }), 1);
  assert.equal(await writes(drone, 'lost'), 1);
  assert.equal(await writes(drone), 1);
  assert.equal(await writes({ ...drone, name: 'web2' }), 1);
  clock.pass(3_600_001);
  assert.equal(await writes({ ...drone, name: 'web2' }), 1);
  assert.equal(seen.lastSeen('a'), Date.now());
});

test('thousands of drones are stored in some dozens of records, all at once', async () => {
  const stored = new Map<string, Json>();
  const create = async (key: string, value: Json) => stored.set(key, value).size;
  const seen = await SeenDrones.open(emptyStore({ create }), assert.fail);
  for (let n = 0; n < 1_200; n++) seen.seen({ identity: `i${n}`, name: `web${n}` }, 'connected');
  await seen.written();
  const all = [...stored.values()].flatMap((group) => Object.keys(group));
  assert.deepEqual([stored.size, all.length, new Set(all).size], [64, 1_200, 1_200]);
});

test('hubs that store drones of the same record lose none, and hear of those of the other alone', async () => {
  const memory = new SharedMemory();
  const [one, other] = await Promise.all([1, 2].map(() => SeenDrones.open(memory.open(), assert.fail)));
  assert.ok(one && other);
  const group = groupKey('drones', 'i0');
  const identities = Array.from({ length: 2_000 }, (_, n) => `i${n}`);
  const [a = '', b = '', c = ''] = identities.filter((identity) => groupKey('drones', identity) === group);
  const heard: [string, boolean][] = [];
  one.on('elsewhere', (identity, drone) => heard.push([identity, drone !== undefined]));
  one.seen({ identity: a, name: 'a' }, 'connected');
  other.seen({ identity: b, name: 'b' }, 'connected');
  other.seen({ identity: c, name: 'c' }, 'connected');
  await Promise.all([one.written(), other.written()]);
  await eventually(() => namesOf(one).length === 3 && namesOf(other).length === 3, 'both know all');
  other.forget(c);
  await other.written();
  await eventually(() => namesOf(one).length === 2, 'the first one knows that it is forgotten');
  assert.deepEqual(namesOf(one), ['a', 'b']);
  assert.deepEqual(heard.sort(), [
    [b, true],
    [c, false],
    [c, true],
  ]);
});

test('a file that no hub wrote is refused, and left as it is', async (t) => {
  const { dir, file } = hubWith(t, {});
  for (const text of [
    '{"drones": 7}',
    '[]',
    '{"drones": {"x": {"name": "../x", "seen": 1}}, "deployed": []}',
  ]) {
    writeFileSync(file, text);
    await assert.rejects(open(dir), { code: 'ECONFIG', message: /hub\.json .*move it away/ });
    assert.equal(readFileSync(file, 'utf8'), text);
  }
});
