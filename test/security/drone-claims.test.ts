import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Client } from '../../src/index.ts';
import type { FleetEvent } from '../../src/protocol/events.ts';
import { FEATURES } from '../../src/protocol/features.ts';
import type { InstanceReport } from '../../src/protocol/instance.ts';
import type { ProcessReport, ProcessSpec } from '../../src/protocol/process.ts';
import { dial } from '../../src/rpc/dial.ts';
import type { Incoming } from '../../src/rpc/incoming.ts';
import { FakeDrone, key, report } from '../fixtures/fake-drone.ts';
import { commit, eventually, LocalFleet, SECRET } from '../fixtures/local-fleet.ts';

const fleet = new LocalFleet();
let owner: Client;
let app: string;
let honest: FakeDrone;
let workers: string;
let liar: string;
const TOML = '[deploy]\non = ["web1"]\n[services.web]\ncommand = ["x"]\nhost = ["example.com"]\n';

const self = (name: string, more: object = {}) => ({
  ...{ identity: key(), name, processes: [] as ProcessReport[], version: '1.0.0', features: [...FEATURES] },
  ...more,
});

const introduction = self('web1');

async function join(secret: string, introduction: ReturnType<typeof self>): Promise<FakeDrone> {
  const drone = await FakeDrone.connect(fleet.address, secret);
  const { name } = (await drone.peer.call('join', introduction)).result as { name: string };
  drone.name = name;
  return drone;
}

/** What it is ordered to run is ready at once. */
function obeys(drone: FakeDrone): void {
  drone.answer = async ({ method, params }: Incoming) => {
    if (method === 'prepare') return { job: null, why: null };
    if (method === 'stop') {
      const { ids } = params as { ids: string[] };
      for (const id of ids) await drone.tell('gone', { id });
      return { stopped: ids, killed: [], errors: {} };
    }
    if (method !== 'spawn') return null;
    const { id, key, repo, commit, instance } = params as ProcessSpec;
    const { app = '', service = '', slot = 1, release = 1 } = instance ?? {};
    const ready: InstanceReport = {
      app,
      service,
      slot,
      release,
      port: 8_000 + slot,
      state: 'ready',
      why: null,
    };
    await drone.tell('changed', report(id, { key, repo, commit, instance: ready }));
    return { id };
  };
}

before(async () => {
  await fleet.startHub();
  owner = await fleet.connect();
  workers = await owner.tokenCreate({ name: 'workers', can: ['drone'] });
  honest = await join(workers, introduction);
  obeys(honest);
  liar = await owner.tokenCreate({ name: 'others', can: ['drone'] });
  app = fleet.app('webapp', { 'fleet.toml': TOML });
  assert.equal(await release(), 'live');
});
after(async () => {
  honest.peer.close();
  await fleet.end();
});

let count = 0;
async function release(): Promise<string> {
  commit(app, { 'a.txt': String(count++) });
  const begun = await owner.up({ dir: app });
  assert.ok('ended' in begun);
  return begun.ended();
}

async function endpoints(): Promise<string[]> {
  return (await owner.endpoints()).map(({ drone, state }) => `${drone} ${state}`);
}

const claimed = (release: number, more: Partial<ProcessReport> = {}) => {
  const instance: InstanceReport = {
    ...{ app: 'webapp', service: 'web', slot: 1, release, port: 9_999, state: 'ready', why: null },
  };
  return report('00abcd', { instance, ...more });
};

test('a drone that calls a process of its own an instance of an app gets no requests for it', async () => {
  const drone = await join(liar, self('liar', { processes: [claimed(1)] }));
  await drone.tell('changed', claimed(1, { id: '00abce' }));
  await drone.heard();
  assert.deepEqual(await endpoints(), ['web1 ready']);
  const known = (await owner.ps())['liar']?.processes['00abce'];
  assert.equal(known?.app, null, 'it is a process of the drone');
  drone.peer.close();
});

test('a drone that claims an instance of a release to come does not keep the app from being released', async () => {
  const drone = await join(liar, self('liar', { processes: [claimed(900_000)] }));
  assert.equal(await release(), 'live');
  assert.deepEqual(await endpoints(), ['web1 ready']);
  drone.peer.close();
});

test('an instance that was ordered is one also after its drone has connected again', async () => {
  const { params } = honest.orders.findLast(({ method }) => method === 'spawn') as Incoming;
  const { id, key: ordered, instance } = params as ProcessSpec;
  assert.ok(instance);
  const { app, service, slot, release } = instance;
  const ready = { app, service, slot, release, port: 8_001, state: 'ready', why: null };
  const processes = [report(id, { key: ordered, instance: ready })];
  const thief = await join(liar, self('liar', { processes }));
  assert.deepEqual(await endpoints(), ['web1 ready'], 'the id is that of another');
  thief.peer.close();
  honest.peer.close();
  honest = await join(workers, { ...introduction, processes });
  obeys(honest);
  await eventually(async () => (await endpoints())[0] === 'web1 ready', 'it is known by its key');
});

test('what a drone says of orders that no hub has given keeps no app from being released', async () => {
  const highest = { created: Number.MAX_SAFE_INTEGER - 1, count: Number.MAX_SAFE_INTEGER - 1 };
  const drone = await join(liar, self('liar', { fences: { webapp: { ...highest, mark: key() } } }));
  assert.equal(await release(), 'live');
  drone.peer.close();
});

test('what the drones of a token say of themselves leaves room for an answer about all drones', async () => {
  const labels = Object.fromEntries(Array.from({ length: 64 }, (_, n) => [`k${n}`, '\u0001'.repeat(256)]));
  await assert.rejects(join(liar, self('liar', { labels })), {
    code: 'ELIMIT',
    message: /4096 characters of labels/,
  });
  const drone = await join(liar, self('liar', { labels: { role: 'x'.repeat(256) } }));
  assert.equal((await owner.drones()).find(({ name }) => name === drone.name)?.labels?.['role']?.length, 256);
  drone.peer.close();
});

test('an event has happened by the time that it is told of, on a date that can be printed', async () => {
  const drone = await join(liar, self('liar'));
  const target = { hub: fleet.address, secret: SECRET };
  const peer = await dial({ target, role: 'client', timeout: 10_000, pingEvery: 5_000, deadAfter: 60_000 });
  const told = new Promise<FleetEvent>((resolve) => {
    peer.serve(({ params }) => resolve(params as FleetEvent));
  });
  await peer.call('subscribe', { events: true, output: null, drones: null, since: null });
  const event = { type: 'deployed', repo: 'webapp', commit: 'c'.repeat(40) };
  await drone.tell('event', { ...event, time: Date.now() + 3_600_000 });
  const { type, time } = await told;
  assert.equal(type, 'deployed');
  assert.ok(time <= Date.now());
  peer.close();
  await drone.tell('event', { ...event, time: Number.MAX_SAFE_INTEGER });
  assert.match((await drone.peer.closed).message, /time/);
});
