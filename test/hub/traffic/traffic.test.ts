import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { after, before, test } from 'node:test';
import type { ClientSession } from '../../../src/hub/client-session.ts';
import { DroneDirectory } from '../../../src/hub/drones/directory.ts';
import type { Drone } from '../../../src/hub/drones/drone.ts';
import type { Introduction } from '../../../src/hub/drones/introduction.ts';
import type { ReleaseTraffic } from '../../../src/hub/traffic/endpoints-of.ts';
import type { HostCertificates } from '../../../src/hub/traffic/host-certificates.ts';
import { Traffic } from '../../../src/hub/traffic/traffic.ts';
import type { AppTraffic } from '../../../src/protocol/endpoints.ts';
import { FleetError } from '../../../src/protocol/errors.ts';
import type { InstanceReport } from '../../../src/protocol/instance.ts';
import { newId } from '../../../src/protocol/names.ts';
import { FakeConnection } from '../../fixtures/fake-connection.ts';
import { report as aReport, key } from '../../fixtures/fake-drone.ts';
import { OWNER } from '../../fixtures/principal.ts';

const instance: InstanceReport = {
  ...{ app: 'webapp', service: 'web', slot: 1, release: 1, port: 20_000, state: 'ready', why: null },
};
const report = { id: 'abcdef', status: 'running', instance };
const web1 = {
  ...{ name: 'web1', address: '127.0.0.1', connection: {} },
  processes: new Map([['abcdef', { report, at: 0 }]]),
} as unknown as Drone;

const NO_CERTIFICATES = Object.assign(new EventEmitter(), {
  factsOf: () => [],
  challengesOf: () => [],
}) as unknown as HostCertificates;

/** A hub with one instance, and somebody who follows. */
async function followed({ drains }: { drains: boolean }) {
  const directory = Object.assign(new EventEmitter(), { all: () => [web1], get: () => web1 });
  const problems: string[] = [];
  const traffic = new Traffic({
    directory: directory as never,
    releases: { of: () => ({ routes: [], drainMs: 0 }), ofApp: () => ({ services: [], maintenance: null }) },
    certificates: NO_CERTIFICATES,
    apps: () => [],
    ready: Promise.resolve(),
    log: (line) => problems.push(line),
  });
  const told: { revision: number; states: string[] }[] = [];
  let leave = () => {};
  const client = {
    who: { ...OWNER, address: '127.0.0.1' },
    tell: (_: string, { revision, apps }: { revision: number; apps: Record<string, AppTraffic> }) =>
      told.push({
        revision,
        states: Object.values(apps).flatMap(({ endpoints }) => endpoints.map(({ state }) => state)),
      }),
    gone: new Promise<void>((resolve) => {
      leave = resolve;
    }),
  } as unknown as ClientSession;
  traffic.followers.add(client, drains);
  await new Promise<void>((resolve) => {
    const look = () => (told.length > 0 ? resolve() : void setTimeout(look, 5));
    look();
  });
  return { traffic, client, told, problems, leave };
}

/** A hub whose drones come and go. */
async function ofDirectory(of: ReleaseTraffic['of'] = () => ({ routes: [], drainMs: 0 })) {
  const directory = new DroneDirectory();
  const traffic = new Traffic({
    directory,
    releases: { of, ofApp: () => ({ services: [], maintenance: null }) },
    certificates: NO_CERTIFICATES,
    apps: () => [],
    ready: Promise.resolve(),
    log: assert.fail,
  });
  await traffic.upToDate();
  return { directory, traffic };
}

/** A drone that joins with an instance. */
function drone(name: string): Introduction {
  return {
    identity: key(),
    name,
    address: '127.0.0.1',
    processes: [{ ...aReport(newId(() => false)), instance }],
  };
}

/** Returns the states of all endpoints by their drones. */
async function endpoints(traffic: Traffic): Promise<Record<string, string>> {
  await traffic.upToDate();
  const all = Object.values(traffic.table.apps(null)).flatMap((app) => app.endpoints);
  return Object.fromEntries(all.map(({ drone, state }) => [drone, state]));
}

/** A hub is kept alive by its sockets, and not by its timers. */
let alive: NodeJS.Timeout;
before(() => {
  alive = setInterval(() => {}, 1_000);
});
after(() => clearInterval(alive));

const DAY_MS = 86_400_000;
const leaving = { waitMs: 0, drainMs: DAY_MS };
const settled = async (promise: Promise<unknown>) => {
  let isSettled = false;
  void promise.then(() => {
    isSettled = true;
  });
  for (let n = 0; n < 5; n++) await new Promise((resolve) => setImmediate(resolve));
  return isSettled;
};

test('an instance may be stopped once everybody has confirmed that it leaves, and it has no requests left', async () => {
  const { traffic, client, told } = await followed({ drains: true });
  assert.deepEqual(told, [{ revision: 1, states: ['ready'] }]);
  const left = traffic.leave({ drone: 'web1', id: 'abcdef' }, leaving);
  assert.deepEqual(told.at(-1), { revision: 2, states: ['leaving'] });
  assert.ok(!(await settled(left)), 'nobody has confirmed');
  traffic.followers.confirm(client, 1);
  assert.ok(!(await settled(left)), 'an older revision');
  traffic.followers.confirm(client, 2);
  assert.ok(!(await settled(left)), 'requests are under way');
  traffic.followers.drained(client, 'abcdef');
  await left;
  traffic.close();
});

test('who counts no requests is waited for only until it has confirmed', async () => {
  const { traffic, client } = await followed({ drains: false });
  const left = traffic.leave({ drone: 'web1', id: 'abcdef' }, leaving);
  assert.ok(!(await settled(left)));
  traffic.followers.confirm(client, 2);
  await left;
  traffic.close();
});

test('whose connection ends is not waited for', async () => {
  const { traffic, leave } = await followed({ drains: true });
  const left = traffic.leave({ drone: 'web1', id: 'abcdef' }, leaving);
  assert.ok(!(await settled(left)));
  leave();
  await left;
  traffic.close();
});

test('requests hold up a stop for no longer than the drain', async () => {
  const { traffic, client } = await followed({ drains: true });
  const left = traffic.leave({ drone: 'web1', id: 'abcdef' }, { waitMs: 0, drainMs: 1 });
  traffic.followers.confirm(client, 2);
  await left;
  traffic.close();
});

test('an instance that was to leave and stays gets requests again', async () => {
  const { traffic, client, told } = await followed({ drains: false });
  const left = traffic.leave({ drone: 'web1', id: 'abcdef' }, leaving);
  traffic.followers.confirm(client, 2);
  await left;
  traffic.left({ drone: 'web1', id: 'abcdef' });
  await new Promise<void>((resolve) => {
    const look = () => (told.length > 2 ? resolve() : void setTimeout(look, 5));
    look();
  });
  assert.deepEqual(told.at(-1), { revision: 3, states: ['ready'] });
  traffic.close();
});

test('a drone that comes back, with another name, is gone for good or lost is seen by that alone', async () => {
  const { directory, traffic } = await ofDirectory();
  const [web1, shop] = [drone('web1'), drone('shop1')];
  directory.join(new FakeConnection(), web1);
  directory.join(new FakeConnection(), shop);
  assert.deepEqual(await endpoints(traffic), { web1: 'ready', shop1: 'ready' });

  const renamed = directory.join(new FakeConnection(), { ...web1, name: 'web2' });
  assert.deepEqual(await endpoints(traffic), { web2: 'ready', shop1: 'ready' });
  directory.lose(renamed, new FleetError('ECLOSED', 'lost'));
  assert.deepEqual(await endpoints(traffic), { web2: 'lost', shop1: 'ready' });
  directory.forget('web2');
  assert.deepEqual(await endpoints(traffic), { shop1: 'ready' });
  traffic.close();
});

test('what a release says of instances is asked anew when the release is known', async () => {
  let routes = [{ host: 'example.com', path: '/' }];
  const { directory, traffic } = await ofDirectory(() => ({ routes, drainMs: 0 }));
  directory.join(new FakeConnection(), drone('web1'));
  const hosts = async () => {
    await traffic.upToDate();
    const { endpoints } = traffic.table.apps(null)['webapp'] ?? { endpoints: [] };
    return endpoints.map(({ routes }) => routes.map(({ host }) => host));
  };
  assert.deepEqual(await hosts(), [['example.com']]);
  routes = [{ host: 'example.org', path: '/' }];
  traffic.lookAtApp('webapp');
  assert.deepEqual(await hosts(), [['example.org']]);
  traffic.close();
});

test('what is not served holds up nothing', async () => {
  const { traffic } = await followed({ drains: true });
  await traffic.leave({ drone: 'web1', id: '000000' }, leaving);
  traffic.close();
});

test('a drone on loopback is unreached once somebody on another machine follows', async () => {
  const { traffic, client } = await followed({ drains: true });
  assert.equal(traffic.isUnreached('web1'), false);
  const elsewhere = { ...client, who: { ...OWNER, address: '10.0.0.9' }, gone: Promise.resolve() };
  traffic.followers.add(elsewhere, true);
  assert.equal(traffic.isUnreached('web1'), true);
  await elsewhere.gone;
  await new Promise(setImmediate);
  assert.equal(traffic.isUnreached('web1'), false, 'until that one is gone');
  traffic.close();
});
