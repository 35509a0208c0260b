import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type TestContext, test } from 'node:test';
import { preferredOrder } from '../../src/drone/hub-order.ts';
import { Uplink, type UplinkOptions } from '../../src/drone/uplink.ts';
import type { DroneEvent } from '../../src/protocol/events.ts';
import type { Incoming } from '../../src/rpc/incoming.ts';
import type { Peer } from '../../src/rpc/peer.ts';
import { eventually } from '../fixtures/local-fleet.ts';
import { RpcHost } from '../fixtures/rpc-host.ts';

const IDENTITY = 'a'.repeat(32);
const WELCOME = { name: 'web1', deploy: [], watch: { all: false, ids: [], repos: [] } };
const SOON = { lookEvery: 5, steadyFor: 0, spread: 0 };

/** A hub that lets drones join, and notes what it is told. */
class Hub {
  readonly told: string[] = [];
  join: () => unknown = () => WELCOME;
  readonly host = new RpcHost({ onPeer: (peer) => peer.serve((call) => this.answer(call)) });

  get peer(): Peer | undefined {
    return this.host.peers.at(-1);
  }

  private answer({ method, params }: Incoming): unknown {
    if (method === 'join') return this.join();
    this.told.push(`${method} ${(params as { id?: string; type?: string }).id}`);
    return null;
  }
}

/** A drone at the second of two hubs, because the first, which it prefers, was away. */
async function away(t: TestContext, options: Partial<UplinkOptions> = {}) {
  const started = [new Hub(), new Hub()];
  for (const { host } of started) await host.start();
  const hubs = preferredOrder(
    IDENTITY,
    started.map((hub) => ({ hub: hub.host.address, at: hub })),
  );
  const [home, other] = hubs.map(({ at }) => at) as [Hub, Hub];
  home.join = () => {
    throw new Error('not yet');
  };
  const uplink = new Uplink({
    credentials: {
      target: { hub: hubs.map(({ hub }) => hub).join() },
      prove: undefined,
      joined: () => {},
    },
    introduce: () => ({
      ...{ identity: IDENTITY, name: 'web1', labels: {}, address: null },
      ...{ processes: [], jobs: [], lags: [], fences: {} },
    }),
    serve: (peer) => peer.serve(() => null),
    isBusy: () => false,
    returnTimes: SOON,
    ...options,
  });
  t.after(async () => {
    uplink.close();
    for (const { host } of started) await host.end();
  });
  void uplink.run();
  await once(uplink, 'up');
  return { home, other, uplink };
}

const event = (id: string): DroneEvent => ({
  type: 'stopped',
  ...{ id, repo: 'webapp', commit: 'c'.repeat(40), command: ['x'] },
});

test('a drone goes back to the hub that it prefers when that takes it, and is never without one', async (t) => {
  const { home, other, uplink } = await away(t);
  assert.equal(uplink.target.hub, other.host.address);
  let downs = 0;
  uplink.on('down', () => downs++);
  const left = other.peer?.closed;
  home.join = () => WELCOME;
  await once(uplink, 'up');
  assert.equal(uplink.target.hub, home.host.address);
  uplink.event(event('000001'));
  await eventually(() => home.told.includes('event 000001'), 'the event is told to the new hub');
  await left;
  assert.deepEqual([downs, other.told], [0, []]);
});

test('while it joins at the other hub, both know what runs, and only the one that it is at what happens', async (t) => {
  const { home, other, uplink } = await away(t);
  let welcome = (_: unknown) => {};
  const asked = new Promise<void>((resolve) => {
    home.join = () => {
      resolve();
      return new Promise((take) => {
        welcome = take;
      });
    };
  });
  await asked;
  uplink.gone('000001');
  uplink.event(event('000002'));
  const up = once(uplink, 'up');
  await eventually(() => other.told.length === 2, 'the old hub is told');
  welcome(WELCOME);
  await up;
  assert.deepEqual(other.told, ['gone 000001', 'event 000002']);
  assert.deepEqual(home.told, ['gone 000001']);
});

test('it stays as long as something runs that ends with the connection', async (t) => {
  let isBusy = true;
  let looks = 0;
  const { home, uplink } = await away(t, {
    isBusy: () => {
      looks++;
      return isBusy;
    },
  });
  home.join = () => WELCOME;
  const before = home.host.peers.length;
  await eventually(() => looks > 3, 'it has looked whether it can go');
  assert.equal(home.host.peers.length, before);
  isBusy = false;
  await once(uplink, 'up');
  assert.equal(uplink.target.hub, home.host.address);
});

test('the hub that it leaves gets the answer that it waits for', async (t) => {
  const answers: ((result: string) => void)[] = [];
  let asks = 0;
  let asked: Promise<unknown> | undefined;
  const { home, other, uplink } = await away(t, {
    serve: (peer) => peer.serve(() => new Promise((take) => answers.push(take))),
    isBusy: () => {
      // An order is sent when it has just looked whether it is busy.
      if (++asks === 2) asked = other.peer?.call('deploy', {});
      return false;
    },
  });
  home.join = () => WELCOME;
  await once(uplink, 'up');
  const answer = await eventually(() => answers[0], 'the order has come');
  answer('done');
  assert.deepEqual(await asked, { result: 'done', body: Buffer.alloc(0) });
});
