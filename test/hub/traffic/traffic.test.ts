import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { after, before, test } from 'node:test';
import type { ClientSession } from '../../../src/hub/client-session.ts';
import type { Drone } from '../../../src/hub/drones/drone.ts';
import type { HostCertificates } from '../../../src/hub/traffic/host-certificates.ts';
import { Traffic } from '../../../src/hub/traffic/traffic.ts';
import type { AppTraffic } from '../../../src/protocol/endpoints.ts';
import { OWNER } from '../../fixtures/principal.ts';

const instance = { app: 'webapp', service: 'web', slot: 1, release: 1, port: 20_000, state: 'ready' };
const report = { id: 'abcdef', status: 'running', instance };
const drone = {
  ...{ name: 'web1', address: '127.0.0.1', connection: {} },
  processes: new Map([['abcdef', { report, at: 0 }]]),
} as unknown as Drone;

/** A hub with one instance, and somebody who follows. */
async function followed({ drains }: { drains: boolean }) {
  const directory = Object.assign(new EventEmitter(), { all: () => [drone], get: () => drone });
  const problems: string[] = [];
  const traffic = new Traffic({
    directory: directory as never,
    releases: { of: () => ({ routes: [], drainMs: 0 }), ofApp: () => ({ services: [], maintenance: null }) },
    certificates: Object.assign(new EventEmitter(), {
      factsOf: () => [],
      challengesOf: () => [],
    }) as unknown as HostCertificates,
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
