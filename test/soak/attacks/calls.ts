import { FakeDrone, key, report } from '../../fixtures/fake-drone.ts';
import { FaultProxy } from '../../fixtures/fault-proxy.ts';
import { type Attacks, inBatches, tally } from './attack.ts';
import { rawClient } from './raw-client.ts';

const ids = (first: number, count: number) =>
  Array.from({ length: count }, (_, n) => (first + n).toString(16).padStart(6, '0'));

/** What a client can do with its calls. */
export const CALL_ATTACKS: Attacks = {
  '20 subscriptions of 10,000 ids each': async ({ address, token }) => {
    const secret = await token('watcher', ['read']);
    const peers = await Promise.all(Array.from({ length: 20 }, () => rawClient(address, secret)));
    const watch = (n: number) => ({ all: false, ids: ids(10_000 * n, 10_000), repos: [] });
    const told = await tally(
      peers.map((peer, n) =>
        peer.call('subscribe', { events: false, output: watch(n), drones: null, since: null }),
      ),
    );
    for (const peer of peers) peer.close();
    return told;
  },
  '10,000 reads of logs of a drone that is silent': async ({ address, secret, token }) => {
    const drone = await FakeDrone.join(address, secret, 'silent');
    drone.answer = () => new Promise(() => {});
    const peer = await rawClient(address, await token('reader', ['read']));
    const params = { drone: 'silent', id: 'abcdef', at: { kind: 'offset', offset: 0 }, limit: 10 };
    const reads = Array.from({ length: 10_000 }, () => peer.call('logs.read', params, 20_000));
    setTimeout(() => drone.peer.close(), 3_000);
    const told = await tally(reads);
    peer.close();
    return told;
  },
  'logs.list with 100,000 equal names': async ({ address, secret, token }) => {
    const drone = await FakeDrone.join(address, secret, 'logged');
    const list = Array.from({ length: 100 }, (_, n) => ({ ...report(ids(n, 1)[0] ?? ''), size: 1 }));
    drone.answer = () => ({ logs: list });
    const peer = await rawClient(address, await token('lister', ['read']));
    const calls = [1, 2, 3].map(() => peer.call('logs.list', { drones: Array(100_000).fill('logged') }));
    const told = await tally(calls);
    peer.close();
    drone.peer.close();
    return told;
  },
  'answers that nobody reads, 20 connections': async ({ address, port, secret, token }) => {
    const command = Array<string>(29).fill('x'.repeat(131_072));
    const join = (n: number) =>
      FakeDrone.join(address, secret, `large${n}`, [report(`00000${n}`, { command })]);
    const drones = await Promise.all([1, 2].map(join));
    const proxy = await FaultProxy.start(() => port);
    const mute = await token('mute', ['read']);
    const peers = await Promise.all(Array.from({ length: 20 }, () => rawClient(proxy.address, mute)));
    const ended: Promise<unknown>[] = peers.map(({ closed }) => closed.then((why) => Promise.reject(why)));
    for (const one of ended) one.catch(() => {});
    proxy.stall();
    for (let n = 0; n < 8; n++) {
      for (const peer of peers) peer.call('ps', {}).catch(() => {});
      await new Promise((resolve) => setTimeout(resolve, 300));
    }
    proxy.flow();
    const late = new Promise((resolve) => setTimeout(resolve, 3_000));
    const told = await tally(ended.map((one) => Promise.race([one, late])));
    proxy.close();
    for (const { peer } of drones) peer.close();
    return told;
  },
  '4 MB of nonsense, 50 times, without the right for it': async ({ address, token }) => {
    const peer = await rawClient(address, await token('nobody', ['read']));
    const params = { repo: Array(400_000).fill({ a: 1 }) };
    // Few at once: its own end hangs up if too much waits to be sent.
    const told = await inBatches(50, 3, () => peer.call('deploy', params, 60_000));
    peer.close();
    return told;
  },
  '5,000 deploys at once': async ({ address, release, token }) => {
    const peer = await rawClient(address, await token('deployer', ['deploy']));
    const told = await tally(Array.from({ length: 5_000 }, () => peer.call('deploy', release, 60_000)));
    peer.close();
    return told;
  },
  '3,000 identities of drones': async ({ address, token }) => {
    const worker = await token('worker', ['drone']);
    return inBatches(3_000, 50, async () => {
      const drone = await FakeDrone.connect(address, worker);
      try {
        await drone.joinAs('many');
      } finally {
        drone.peer.close();
      }
    });
  },
  'drones that report 4 MB each, 60 of them': async ({ address, token }) => {
    const worker = await token('hoarder', ['drone']);
    const command = Array<string>(29).fill('x'.repeat(131_072));
    const drones: FakeDrone[] = [];
    const told = await inBatches(60, 5, async (n) => {
      const drone = await FakeDrone.connect(address, worker);
      drones.push(drone);
      await drone.joinAs(`hoard${n}`, [report(ids(4_096 + n, 1)[0] ?? '', { command })], key());
    });
    for (const { peer } of drones) peer.close();
    return told;
  },
  'a drone that answers logs.list with a wrong id': async ({ address, token }) => {
    const drone = await FakeDrone.join(address, await token('liar', ['drone']), 'liar');
    drone.answer = () => ({ logs: [{ ...report('zzzzzz'), size: 1 }] });
    const peer = await rawClient(address, await token('listener', ['read']));
    const { result } = await peer.call('logs.list', { drones: ['liar'] });
    peer.close();
    drone.peer.close();
    return JSON.stringify((result as { drones: unknown }).drones).slice(0, 120);
  },
};
