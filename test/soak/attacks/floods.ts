import { request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { basicAuth } from '../../../src/protocol/authorization.ts';
import { FakeDrone, report } from '../../fixtures/fake-drone.ts';
import { FaultProxy } from '../../fixtures/fault-proxy.ts';
import { type Attacks, inBatches, type Scene, tally } from './attack.ts';
import { rawClient } from './raw-client.ts';

const COMMAND = Array<string>(29).fill('x'.repeat(131_072));
const FLOOD_MS = 5_000;

async function logins({ address, fingerprint, token }: Scene, count: number): Promise<string> {
  const secret = await token('newcomer', ['read']);
  const hub = fingerprint === undefined ? address : `https://${address}`;
  const pin = fingerprint === undefined ? {} : { fingerprint };
  const all = Array.from({ length: count }, () => rawClient(hub, secret, pin));
  const told = await tally(all);
  for (const one of await Promise.allSettled(all)) if (one.status === 'fulfilled') one.value.close();
  return told;
}

/** What is asked for more often, at more places, or answered with more, than anybody would. */
export const FLOOD_ATTACKS: Attacks = {
  'one ps and no reading, on 300 connections': async ({ address, port, secret, token }) => {
    const join = (n: number) =>
      FakeDrone.join(address, secret, `wide${n}`, [report(`00001${n}`, { command: COMMAND })]);
    const drones = await Promise.all([1, 2].map(join));
    const proxy = await FaultProxy.start(() => port);
    const mute = await token('crowd', ['read']);
    const peers = await Promise.all(Array.from({ length: 300 }, () => rawClient(proxy.address, mute)));
    proxy.stall();
    const asked = peers.map((peer) => peer.call('ps', {}, 20_000));
    await sleep(4_000);
    proxy.flow();
    const told = await tally(asked);
    for (const peer of peers) peer.close();
    proxy.close();
    for (const { peer } of drones) peer.close();
    return told;
  },
  '500 logins at once': (scene) => logins(scene, 500),
  'TLS: 500 logins at once': (scene) => logins(scene, 500),
  'a thousand ps in one packet': async ({ address, secret, token }) => {
    const drone = await FakeDrone.join(address, secret, 'wide', [report('000010', { command: COMMAND })]);
    const peer = await rawClient(address, await token('burst', ['read']));
    const told = await tally(Array.from({ length: 1_000 }, () => peer.call('ps', {}, 20_000)));
    peer.close();
    drone.peer.close();
    return told;
  },
  'logs.list, 50 times at once, of 50 drones that answer with 3 MB each': async ({ address, token }) => {
    const worker = await token('logger', ['drone']);
    const info = { repo: 'webapp', commit: 'c'.repeat(40), command: ['x'.repeat(100)] };
    const logs = Array.from({ length: 12_000 }, (_, n) => ({
      ...{ id: n.toString(16).padStart(6, '0'), ...info, start: 0, end: 1, dropped: 0 },
    }));
    const drones = await Promise.all(
      Array.from({ length: 50 }, (_, n) => FakeDrone.join(address, worker, `log${n}`)),
    );
    for (const drone of drones) drone.answer = ({ method }) => (method === 'logs.list' ? { logs } : null);
    const peer = await rawClient(address, await token('lister', ['read']));
    const told = await tally(
      Array.from({ length: 50 }, () => peer.call('logs.list', { drones: null }, 30_000)),
    );
    peer.close();
    for (const one of drones) one.peer.close();
    return told;
  },
  'a drone that tells without end': async ({ address, token }) => {
    const drone = await FakeDrone.join(address, await token('teller', ['drone']), 'teller');
    const until = performance.now() + FLOOD_MS;
    let count = 0;
    for (; performance.now() < until; count++)
      await drone.tell('changed', report('00ffff', { restarts: count, command: ['x'.repeat(1_000)] }));
    drone.peer.close();
    return `${count} × told`;
  },
  'a proxy that follows, orders and challenges without end': async ({ address, token }) => {
    const secret = await token('proxy', ['proxy']);
    const peers = await Promise.all(Array.from({ length: 300 }, () => rawClient(address, secret)));
    const key = '0'.repeat(32);
    const directory = 'https://acme.example/directory';
    const told = await tally(
      peers.flatMap((peer) => [
        peer.call('endpoints.follow', { drains: true }, 10_000),
        ...Array.from({ length: 20 }, (_, n) =>
          peer.call(
            'certificate.order',
            { key, directory, hosts: [`h${n}.example.com`], host: `h${n}.example.com` },
            10_000,
          ),
        ),
      ]),
    );
    for (const peer of peers) peer.close();
    return told;
  },
  'events from the first on, on 200 connections that do not read': async ({ port, token }) => {
    const proxy = await FaultProxy.start(() => port);
    const secret = await token('eavesdropper', ['read']);
    const peers = await Promise.all(Array.from({ length: 200 }, () => rawClient(proxy.address, secret)));
    proxy.stall();
    const all = { events: true, output: { all: true, ids: [], repos: [] }, drones: null, since: 0 };
    const asked = peers.map((peer) => peer.call('subscribe', all, 15_000));
    await sleep(FLOOD_MS);
    proxy.flow();
    const told = await tally(asked);
    for (const peer of peers) peer.close();
    proxy.close();
    return told;
  },
  '5,000 questions for refs, 100 at once': async ({ gport, token }) => {
    const headers = { authorization: basicAuth(await token('questioner', ['read'])) };
    const ask = () =>
      new Promise<void>((resolve, reject) => {
        const path = '/webapp.git/info/refs?service=git-upload-pack';
        request({ host: '127.0.0.1', port: gport, path, headers, agent: false }, (answer) => {
          answer.resume().on('end', () => {
            if (answer.statusCode === 200) resolve();
            else reject(new Error(String(answer.statusCode)));
          });
        })
          .on('error', reject)
          .end();
      });
    return inBatches(5_000, 100, ask);
  },
  '3,000 calls that are refused, and 3,000 spawns of what is not there': async ({
    address,
    release,
    token,
  }) => {
    const reader = await rawClient(address, await token('refused', ['read']));
    const deployer = await rawClient(address, await token('spawner', ['deploy']));
    const params = { ...release, command: ['x'.repeat(10_000)], env: {}, drones: ['nowhere'] };
    const calls = Array.from({ length: 3_000 }, (_, n) => [
      reader.call('deploy', release, 15_000),
      deployer.call('spawn', { ...params, key: n.toString(16).padStart(32, '0') }, 15_000),
    ]);
    const told = await tally(calls.flat());
    reader.close();
    deployer.close();
    return told;
  },
};
