import { setTimeout as sleep } from 'node:timers/promises';
import { FakeDrone, key, report } from '../../fixtures/fake-drone.ts';
import { FaultProxy } from '../../fixtures/fault-proxy.ts';
import { type Attacks, inBatches, tally } from './attack.ts';
import { rawClient } from './raw-client.ts';

const FLOOD_MS = 5_000;
/** As many as one list may have. */
const NAMES = 100_000;
const names = (start: string) => Array.from({ length: NAMES }, (_, n) => `${start}${n.toString(36)}`);

/** What makes a hub keep much, or pass much on. */
export const HOARD_ATTACKS: Attacks = {
  'subscriptions to 100,000 names of drones, on 100 connections': async ({ address, token }) => {
    const secret = await token('watcher', ['read']);
    const peers = await Promise.all(Array.from({ length: 100 }, () => rawClient(address, secret)));
    const told = await inBatches(peers.length, 10, async (n) =>
      peers[n]?.call(
        'subscribe',
        { events: true, output: null, drones: names(`d${n}-`), since: null },
        60_000,
      ),
    );
    for (const peer of peers) peer.close();
    return told;
  },
  'a deploy to 100,000 drones that are not there, 60 times': async ({ address, release, token }) => {
    const peer = await rawClient(address, await token('deployer', ['deploy']));
    const told = await inBatches(60, 4, (n) =>
      peer.call('deploy', { ...release, drones: names(`d${n}-`) }, 60_000),
    );
    peer.close();
    return told;
  },
  'spawns on 100,000 drones that are not there, 60 times': async ({ address, release, token }) => {
    const peer = await rawClient(address, await token('spawner', ['deploy']));
    const told = await inBatches(60, 4, (n) =>
      peer.call(
        'spawn',
        { ...release, command: ['x'], env: {}, drones: names(`d${n}-`), key: key() },
        60_000,
      ),
    );
    peer.close();
    return told;
  },
  '300 calls of 4 MB that wait for the budget of the trail': async ({ address, release, token }) => {
    const secret = await token('waiter', ['deploy']);
    const peer = await rawClient(address, secret);
    const spawn = (words: string[]) =>
      peer.call('spawn', { ...release, command: words, env: {}, drones: ['nowhere'], key: key() }, 10_000);
    await Promise.all(Array.from({ length: 110 }, () => spawn(['x'.repeat(10_000)]).catch(() => {})));
    const large = Array<string>(29).fill('x'.repeat(131_072));
    const others = await Promise.all(Array.from({ length: 30 }, () => rawClient(address, secret)));
    const asked: Promise<unknown>[] = [];
    for (let n = 0; n < 300; n++) {
      const one = others[n % others.length] as (typeof others)[number];
      const call = { ...release, command: large, env: {}, drones: ['nowhere'], key: key() };
      const answer = one.call('spawn', call, 15_000);
      answer.catch(() => {}); // It is told at the end.
      asked.push(answer);
      // One message after the other: a hub ends connections if too much of messages is not whole yet.
      for (let waited = 0; one.buffered > 0 && waited < 10; waited++) await sleep(20);
    }
    const told = await tally(asked);
    for (const one of [peer, ...others]) one.close();
    return told;
  },
  'orders of 4 MB for a drone of somebody else, 60 at once': async ({ address, release, token }) => {
    const secret = await token('sender', ['deploy']);
    const peers = await Promise.all(Array.from({ length: 10 }, () => rawClient(address, secret)));
    const large = Array<string>(29).fill('x'.repeat(131_072));
    const told = await tally(
      peers.flatMap((peer) =>
        Array.from({ length: 6 }, () =>
          peer.call('spawn', { ...release, command: large, env: {}, drones: ['real'], key: key() }, 30_000),
        ),
      ),
    );
    for (const peer of peers) peer.close();
    return told;
  },
  'input of 400 MB that its process does not read': async ({ address, release, token }) => {
    const peer = await rawClient(address, await token('typist', ['exec']));
    const at = { drone: 'real', key: key() };
    const { result } = await peer.call(
      'exec.start',
      {
        ...release,
        command: ['sleep', '60'],
        env: {},
        drones: ['real'],
        key: at.key,
        stdin: true,
        cwd: null,
      },
      20_000,
    );
    const piece = Buffer.alloc(4_000_000, 'x');
    let over = '';
    void peer.closed.then((why) => {
      over = why.message;
    });
    for (let n = 0; n < 100 && over === ''; n++) {
      peer.notify('exec.stdin', { ...at, end: false, id: null }, piece);
      while (peer.buffered > 8_000_000 && over === '') await sleep(10);
    }
    await sleep(1_000);
    const reader = await rawClient(address, await token('looker', ['read']));
    const { result: seen } = await reader.call('drones', {});
    const real = (seen as { drones: { name: string; lost: number | null }[] }).drones.find(
      ({ name }) => name === 'real',
    );
    for (const one of [peer, reader]) one.close();
    return `${JSON.stringify(result).slice(0, 60)}; ${over || 'still connected'}; real is ${real?.lost === null ? 'connected' : 'lost'}`;
  },
  '500 connections that subscribe and do not read': async ({ address, port, secret, token }) => {
    const drone = await FakeDrone.join(address, secret, 'loud', [report('00abcd')]);
    const proxy = await FaultProxy.start(() => port);
    const mute = await token('deaf', ['read']);
    const peers = await Promise.all(Array.from({ length: 500 }, () => rawClient(proxy.address, mute)));
    const all = { events: true, output: { all: true, ids: [], repos: [] }, drones: null, since: 0 };
    const told = await tally(peers.map((peer) => peer.call('subscribe', all, 15_000)));
    proxy.stall();
    const of = { id: '00abcd', repo: 'webapp', commit: 'c'.repeat(40), time: 1, dropped: 0 };
    const line = `${'x'.repeat(199)}\n`.repeat(300);
    let sent = 0;
    for (const until = performance.now() + FLOOD_MS; performance.now() < until; sent += line.length)
      await drone.tell('output', { ...of, from: sent, to: sent + line.length }, line);
    const ended = peers.map(({ closed }) => closed.then((why) => Promise.reject(why)));
    for (const one of ended) one.catch(() => {});
    proxy.flow();
    const after = await tally(ended.map((one) => Promise.race([one, sleep(2_000)])));
    proxy.close();
    drone.peer.close();
    for (const peer of peers) peer.close();
    return `${told}; ${Math.round(sent / 1e6)} MB of output; then ${after}`;
  },
};
