import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import type { Principal } from '../../../src/hub/access/principal.ts';
import type { ClientSession } from '../../../src/hub/client-session.ts';
import type { KnownDrone } from '../../../src/hub/drones/known-drone.ts';
import { FleetError } from '../../../src/protocol/errors.ts';
import { FEATURES, featuresOf } from '../../../src/protocol/features.ts';
import { RIGHTS } from '../../../src/protocol/rights.ts';
import { EMPTY } from '../../../src/rpc/frames.ts';
import { DroneHub } from '../../fixtures/drone-hubs.ts';
import { FakeConnection } from '../../fixtures/fake-connection.ts';
import { key, report } from '../../fixtures/fake-drone.ts';
import { MemoryEngine } from '../../fixtures/memory-bus.ts';
import { MemoryStore } from '../../fixtures/memory-store.ts';

const hubs: DroneHub[] = [];
afterEach(async () => {
  for (const hub of hubs.splice(0)) await hub.end();
});

async function startHubs(...names: string[]): Promise<DroneHub[]> {
  const [engine, store] = [new MemoryEngine(), new MemoryStore()];
  for (const name of names) hubs.push(await DroneHub.start(engine, store, name));
  return hubs;
}

async function two(): Promise<[DroneHub, DroneHub]> {
  const [h1, h2] = await startHubs('h1', 'h2');
  assert.ok(h1 && h2);
  return [h1, h2];
}

const owner: Principal = {
  ...{ name: 'secret', address: '127.0.0.1', rights: new Set(RIGHTS), repo: null, expires: null },
  isValid: () => true,
};

class Client implements ClientSession {
  readonly who = owner;
  readonly features = featuresOf('1.0.0', FEATURES);
  readonly unreadBytes = 0;
  readonly told: [string, unknown, string][] = [];
  leave: () => void = () => {};
  readonly gone = new Promise<void>((resolve) => {
    this.leave = resolve;
  });

  tell(notice: string, params: unknown, body = EMPTY): void {
    this.told.push([notice, params, body.toString()]);
  }

  notices(notice: string): [unknown, string][] {
    return this.told.flatMap(([one, params, body]) => (one === notice ? [[params, body]] : []));
  }
}

const EVERYTHING = { all: true, ids: [], repos: [] };
const NOTHING = { all: false, ids: [], repos: [] };

test('a drone is known at every hub with what it has told, before and after there is a link', async () => {
  const [engine, store] = [new MemoryEngine(), new MemoryStore()];
  const h1 = await DroneHub.start(engine, store, 'h1');
  hubs.push(h1);
  const process = report('aaaaaa', { uptime: 5_000 });
  const { reports, drone } = await h1.join('web1', { processes: [process], labels: { zone: 'a' } });
  const h2 = await DroneHub.start(engine, store, 'h2');
  hubs.push(h2);
  const there = await h2.elsewhere('web1', 'h1');
  assert.deepEqual([there.labels, there.start, there.identity], [{ zone: 'a' }, null, drone.identity]);
  assert.ok(Number(there.processes.get('aaaaaa')?.report.uptime) >= 5_000);
  reports.changed({ ...process, id: 'bbbbbb', labels: {} }, EMPTY);
  reports.gone({ id: 'aaaaaa' }, EMPTY);
  reports.machine({ load: 2, memory: { used: 1, total: 2 }, disk: null }, EMPTY);
  await h2.until(() => there.machine);
  assert.deepEqual([...there.processes.keys()], ['bbbbbb']);
  assert.equal(there.machine?.load, 2);
});

test('an event of a drone has the same time at every hub', async () => {
  const [h1, h2] = await two();
  const { reports } = await h1.join('web1');
  await h2.elsewhere('web1', 'h1');
  reports.event({ type: 'deployed', repo: 'webapp', commit: 'c'.repeat(40) }, EMPTY);
  const there = await h2.until(() => h2.happened.find(({ type }) => type === 'deployed'));
  const here = h1.happened.find(({ type }) => type === 'deployed');
  assert.deepEqual([there.time, there.type], [here?.time, 'deployed']);
});

test('an order goes to the hub of the drone, and its answer, body or error comes back', async () => {
  const [h1, h2] = await two();
  const { connection } = await h1.join('web1');
  await h2.elsewhere('web1', 'h1');
  const { orders } = h2.directory.connection('web1');
  const page = { from: 0, to: 3, start: 0, end: 3, dropped: 0, times: [] };
  connection.body = 'abc';
  connection.answer = () => page;
  const params = { id: 'aaaaaa', at: { kind: 'offset', offset: 0 } as const, limit: 10 };
  const answer = await orders.call('logs.read', params, { timeout: 5_000 });
  assert.deepEqual([answer.result, answer.body.toString()], [page, 'abc']);
  assert.equal(connection.ordered.at(-1)?.[0], 'logs.read');
  connection.answer = () => {
    throw new FleetError('EBUSY', 'something runs from it');
  };
  await assert.rejects(orders.call('forget', { repo: 'webapp', commit: 'c'.repeat(40) }), {
    code: 'EBUSY',
    message: 'something runs from it',
  });
});

test('what a drone reports before its answer is known before the answer comes', async () => {
  const [h1, h2] = await two();
  const { connection, reports } = await h1.join('web1');
  const there = await h2.elsewhere('web1', 'h1');
  connection.answer = () => {
    reports.changed({ ...report('aaaaaa'), labels: {} }, EMPTY);
    return { id: 'aaaaaa' };
  };
  const order = {
    ...{ id: 'aaaaaa', key: key(), repo: 'webapp' },
    commit: 'c'.repeat(40),
    command: ['a'],
    env: {},
  };
  await h2.directory.connection('web1').orders.call('spawn', order);
  assert.ok(there.processes.has('aaaaaa'));
});

test('what whoever asked for it has been told, every hub is told at once', async (t) => {
  const hubs = await startHubs('h1', 'h2', 'h3');
  const [h1, h2, h3] = hubs;
  assert.ok(h1 && h2 && h3);
  const { connection, reports, drone } = await h1.join('web1');
  const at = [await h2.elsewhere('web1', 'h1'), await h3.elsewhere('web1', 'h1')];
  const allKnow = (id: string) => h3.until(() => at.every(({ processes }) => processes.has(id)));
  connection.answer = () => {
    reports.gone({ id: 'aaaaaa' }, EMPTY);
    reports.changed({ ...report('bbbbbb'), labels: {} }, EMPTY);
    return { stopped: ['aaaaaa'], killed: [], errors: {} };
  };
  // What is told within some time is not told.
  t.mock.timers.enable({ apis: ['setTimeout'] });
  await h2.directory.connection('web1').orders.call('stop', { ids: [], grace: 0 });
  await allKnow('bbbbbb');
  reports.changed({ ...report('cccccc'), labels: {} }, EMPTY);
  assert.ok(drone.processes.has('cccccc'));
  h1.parts.relay?.flush();
  await allKnow('cccccc');
});

test('what another hub knows can be waited for', async (t) => {
  const [h1, h2] = await two();
  const { reports } = await h1.join('web1');
  const there = await h2.elsewhere('web1', 'h1');
  t.mock.timers.enable({ apis: ['setTimeout'] });
  reports.changed({ ...report('aaaaaa'), labels: {} }, EMPTY);
  assert.equal(there.processes.has('aaaaaa'), false);
  await h2.parts.relay?.heard();
  assert.equal(there.processes.has('aaaaaa'), true);
});

test('drones that are at another hub already when the link of theirs ends are not waited for', async () => {
  const [h1, h2] = await two();
  await h1.join('web1');
  const { identity } = await h2.elsewhere('web1', 'h1');
  await h2.join('web1', { identity });
  (h1.linked.bus as unknown as { fall(): void }).fall();
  await h2.until(() => h2.linked.links.all().length === 0);
  assert.equal(h2.rejoining.isOpen, false);
});

test('when the link ends, orders end, and the drones of the other hub are lost and expected back', async () => {
  const [h1, h2] = await two();
  const { connection } = await h1.join('web1');
  const there = await h2.elsewhere('web1', 'h1');
  connection.answer = () => new Promise(() => {});
  const asked = h2.directory.connection('web1').orders.call('stop', { ids: [], grace: 0 });
  const [engine] = [h1.linked.bus as unknown as { fall(): void }];
  engine.fall();
  await assert.rejects(asked, { code: 'ECLOSED' });
  assert.equal(there.connection, null);
  assert.throws(() => h2.directory.connection('web1'), { code: 'ENODRONE' });
  const isOver = Promise.race([h2.rejoining.over.then(() => true), Promise.resolve(false)]);
  assert.equal(await isOver, false);
  await h2.join('web1', { identity: there.identity });
  h2.rejoining.back(there.identity);
  await h2.rejoining.over;
});

test('output is sent to the hubs that want it, and by the drone while somebody does', async () => {
  const [h1, h2] = await two();
  const { connection, reports } = await h1.join('web1');
  await h2.elsewhere('web1', 'h1');
  const client = new Client();
  const want = { events: false, drones: null, since: null, after: null };
  const piece = { id: 'aaaaaa', repo: 'webapp', commit: 'c'.repeat(40), from: 0, to: 2, time: 0, dropped: 0 };
  await h2.subscribers.subscribe(client, { ...want, output: EVERYTHING });
  await h1.until(() => connection.ordered.some(([method]) => method === 'watch'));
  assert.deepEqual(connection.ordered.at(-1), ['watch', EVERYTHING]);
  reports.output(piece, Buffer.from('a\n'));
  await h2.until(() => client.notices('output').length > 0);
  assert.deepEqual(client.notices('output'), [[{ ...piece, drone: 'web1' }, 'a\n']]);
  await h2.subscribers.subscribe(client, { ...want, output: { ...NOTHING, ids: ['bbbbbb'] } });
  await h1.until(() => connection.ordered.length > 1);
  assert.deepEqual(connection.ordered.at(-1), ['watch', { ...NOTHING, ids: ['bbbbbb'] }]);
  await h1.subscribers.subscribe(new Client(), { ...want, output: { ...NOTHING, repos: ['other'] } });
  assert.deepEqual(connection.ordered.at(-1), ['watch', { ...NOTHING, ids: ['bbbbbb'], repos: ['other'] }]);
  await h2.end();
  await h1.until(() => connection.ordered.length > 3);
  assert.deepEqual(connection.ordered.at(-1), ['watch', { ...NOTHING, repos: ['other'] }]);
});

test('a drone that joins is told what is wanted at another hub', async () => {
  const [h1, h2] = await two();
  await h1.linked.to('h2');
  await h2.linked.to('h1');
  const client = new Client();
  await h2.subscribers.subscribe(client, {
    events: false,
    drones: null,
    since: null,
    after: null,
    output: EVERYTHING,
  });
  const { connection } = await h1.join('web1');
  await h1.until(() => connection.ordered.length > 0);
  assert.deepEqual(connection.ordered, [['watch', EVERYTHING]]);
  await h2.until(() => client.notices('joined').length > 0);
});

function openExec({ execs }: DroneHub, drone: KnownDrone, client: Client, one: string) {
  const { connection } = drone;
  assert.ok(connection);
  execs.open({ client, key: one, drone, connection, id: '0000aa' });
  return connection.orders;
}

const START = {
  ...{ id: '0000aa', repo: 'webapp', commit: 'c'.repeat(40), command: ['cat'], env: {}, cwd: null },
  ...{ stdin: true, window: 1000 },
};

test('an exec is of the hub that has started it: its output goes there alone, and its input to the drone', async () => {
  const [h1, h2, h3] = await startHubs('h1', 'h2', 'h3');
  assert.ok(h1 && h2 && h3);
  const { connection, reports } = await h1.join('web1');
  const there = await h2.elsewhere('web1', 'h1');
  await h3.elsewhere('web1', 'h1');
  const [client, one] = [new Client(), key()];
  const orders = openExec(h2, there, client, one);
  await orders.call('exec.start', { ...START, key: one });
  h2.execs.stdin(client, { drone: 'web1', key: one, id: null }, true, Buffer.from('in'));
  await h1.until(() => connection.ordered.some(([method]) => method === 'exec.stdin'));
  reports['exec.output']({ id: '0000aa', stream: 'stdout' }, Buffer.from('out'));
  reports['exec.output']({ id: '0000aa', stream: 'stderr' }, Buffer.from('err'));
  reports['exec.stdin-ack']({ id: '0000aa', bytes: 2 }, EMPTY);
  reports['exec.exit']({ id: '0000aa', code: 3, signal: null }, EMPTY);
  await h2.until(() => client.notices('exec.exit').length > 0);
  const name = { drone: 'web1', id: '0000aa', key: one };
  assert.deepEqual(client.told, [
    ['exec.output', { ...name, stream: 'stdout' }, 'out'],
    ['exec.output', { ...name, stream: 'stderr' }, 'err'],
    ['exec.stdin-ack', { ...name, bytes: 2 }, ''],
    ['exec.exit', { ...name, code: 3, signal: null }, ''],
  ]);
});

test('an exec whose hub is gone is ended, as one whose client is', async () => {
  const [h1, h2] = await two();
  const { connection } = await h1.join('web1');
  const there = await h2.elsewhere('web1', 'h1');
  const one = key();
  await openExec(h2, there, new Client(), one).call('exec.start', { ...START, key: one });
  await h2.end();
  await h1.until(() => connection.ordered.some(([method]) => method === 'exec.kill'));
  assert.deepEqual(connection.ordered.at(-1), ['exec.kill', { id: '0000aa', signal: null }]);
});

test('more output than was asked for ends the connection of the drone at its hub', async () => {
  const [h1, h2] = await two();
  const { connection, reports } = await h1.join('web1');
  const there = await h2.elsewhere('web1', 'h1');
  const one = key();
  await openExec(h2, there, new Client(), one).call('exec.start', { ...START, key: one });
  const much = Buffer.alloc(1_000_000);
  for (let n = 0; n < 5; n++) reports['exec.output']({ id: '0000aa', stream: 'stdout' }, much);
  await h1.until(() => connection.ended.length > 0);
  assert.deepEqual(connection.ended, [[1008, 'an exec sent more output than was asked for']]);
});

test('a drone that goes to another hub is there for all, and its old connection ends', async () => {
  const [h1, h2, h3] = await startHubs('h1', 'h2', 'h3');
  assert.ok(h1 && h2 && h3);
  const before = await h1.join('web1');
  const { identity } = before.drone;
  await Promise.all([h2.elsewhere('web1', 'h1'), h3.elsewhere('web1', 'h1')]);
  const { drone } = await h2.join('web1', { identity });
  assert.equal(drone.name, 'web1');
  await Promise.all([h1.elsewhere('web1', 'h2'), h3.elsewhere('web1', 'h2')]);
  assert.deepEqual(before.connection.ended, [[4001, 'this drone has connected again']]);
  await h3.until(() => h3.linked.links.get('h1'));
  assert.equal(h3.happened.filter(({ type }) => type === 'lost').length, 0);
});

test('a drone that is taken to be at the wrong hub is found again when that loses it', async () => {
  const [h1, h2, h3] = await startHubs('h1', 'h2', 'h3');
  assert.ok(h1 && h2 && h3);
  await Promise.all([h3.linked.to('h1'), h3.linked.to('h2')]);
  const identity = key();
  const left = h1.directory.join(new FakeConnection(), {
    identity,
    name: 'web1',
    processes: [],
    since: performance.now(),
  });
  await Promise.all([h2.elsewhere('web1', 'h1'), h3.elsewhere('web1', 'h1')]);
  // As if the news of the older connection had come late.
  h2.directory.join(new FakeConnection(), {
    identity,
    name: 'web1',
    processes: [],
    since: left.since - 60_000,
  });
  await h2.join('web2');
  await h3.elsewhere('web2', 'h2');
  assert.equal(h3.directory.get('web1')?.via, 'h1');
  (left.connection as FakeConnection).lose();
  await h3.elsewhere('web1', 'h2');
});

test('a copy of a drone is noticed at another hub, too', async () => {
  const [h1, h2] = await two();
  const { connection } = await h1.join('web1', { start: key() });
  await h2.elsewhere('web1', 'h1');
  connection.answer = () => ({ stopped: [], killed: [], errors: {} });
  const { orders } = h2.directory.connection('web1');
  await orders.call('stop', { ids: [], grace: 0 }, { timeout: 2_000 });
  assert.deepEqual(connection.ordered, [['stop', { ids: [], grace: 0 }]]);
});

test('drones that join at several hubs at once under one name have different ones', async () => {
  const all = await startHubs('h1', 'h2', 'h3');
  const joined = await Promise.all(all.flatMap((hub) => [hub.join('web'), hub.join('web'), hub.join('web')]));
  const names = joined.map(({ drone }) => drone.name);
  assert.equal(new Set(names).size, 9);
});
