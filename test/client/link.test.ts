import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { Link } from '../../src/client/link.ts';
import { Listener } from '../../src/client/listener.ts';
import { FleetError } from '../../src/protocol/errors.ts';
import type { Incoming } from '../../src/rpc/incoming.ts';
import type { Peer } from '../../src/rpc/peer.ts';
import { RpcHost } from '../fixtures/rpc-host.ts';

/** A link to a hub that answers as the test says; every connection is noted. */
async function linked(t: TestContext, answer: (call: Incoming, peer: Peer) => unknown) {
  const host = await new RpcHost({ onPeer: (peer) => peer.serve((call) => answer(call, peer)) }).start();
  const link = new Link({ hub: host.address, timeout: 2_000 });
  t.after(async () => {
    link.close();
    await host.end();
  });
  return { host, link };
}

test('a call is made again over a new connection, and says that it is repeated', async (t) => {
  const calls: unknown[] = [];
  const { host, link } = await linked(t, ({ params }, peer) => {
    calls.push(params);
    if (calls.length === 1) peer.close();
    return { drones: {}, unknown: [], absent: {}, leftAlone: {} };
  });
  const params = { processes: [{ drone: null, id: '1e99f4' }], grace: 0 };
  await link.call('stop', params, { again: true });
  assert.deepEqual(calls, [params, { ...params, again: true }]);
  assert.equal(host.peers.length, 2);
});

test('a call that must not be repeated is made once, and one that the hub refuses too', async (t) => {
  let calls = 0;
  const { link } = await linked(t, ({ method }, peer) => {
    calls++;
    if (method === 'spawn') return peer.close();
    throw new FleetError('ENODRONE', 'no such drone');
  });
  const run = {
    key: '0'.repeat(32),
    repo: 'webapp',
    commit: 'c'.repeat(40),
    command: ['x'],
    env: {},
    drones: null,
  };
  await assert.rejects(link.callOnce('spawn', run), { code: 'ECLOSED' });
  await assert.rejects(link.call('drones', {}), { code: 'ENODRONE', message: 'no such drone' });
  assert.equal(calls, 2);
});

test('what a hub lacks is said with its version, and not asked for', async (t) => {
  const { link } = await linked(t, () => null);
  assert.equal((await link.features()).has('terminals'), true);
  assert.equal((await link.features()).has('flying' as never), false);
  await link.demand('terminals', 'makes no terminals');
  await assert.rejects(link.demand('flying' as never, 'cannot fly'), {
    code: 'EPROTOCOL',
    message: /^the hub runs fleet \d+\.\d+\.\d+\S*, which cannot fly$/,
  });
});

test('a connection has one subscription: all that its listeners want', async (t) => {
  const asked: { events: boolean; output: unknown }[] = [];
  let answered = () => {};
  const { link } = await linked(t, ({ params }) => {
    asked.push(params as (typeof asked)[0]);
    if (asked.length === 3) answered();
    return { absent: {}, seq: 0 };
  });
  const events = new Listener({ events: true, output: null, drones: null });
  const all = { all: true, ids: [], repos: [] };
  const output = new Listener({ events: false, output: all, drones: null });
  const third = new Promise<void>((resolve) => {
    answered = resolve;
  });
  await link.subscribe(events).catch(() => {});
  await link.subscribe(output).catch(() => {});
  link.unsubscribe(output);
  link.unsubscribe(output);
  await third;
  assert.deepEqual(
    asked.map((one) => [one.events, one.output !== null]),
    [
      [true, false],
      [true, true],
      [true, false],
    ],
  );
});

test('notices are emitted with their bytes, and those of a newer hub are no error', async (t) => {
  const { host, link } = await linked(t, () => ({ drones: [] }));
  await link.call('drones', {});
  const heard = once(link, 'exec.output');
  assert.equal((await host.peers[0]?.call('weather', { is: 'fine' }))?.result, null);
  const params = { drone: 'web1', key: '0'.repeat(32), id: '1e99f4', stream: 'stdout' };
  host.peers[0]?.notify('exec.output', params, Buffer.from('hello'));
  const [notice, body] = await heard;
  assert.equal((notice as typeof params).stream, 'stdout');
  assert.equal(String(body), 'hello');
});

test('a lost connection is told, and dialled again when it is needed', async (t) => {
  const { host, link } = await linked(t, () => ({ drones: [] }));
  await link.connect();
  const lost = once(link, 'lost');
  host.peers[0]?.close();
  await lost;
  await link.reconnect();
  assert.equal(host.peers.length, 2);
});

test('a hub that refuses connections may be starting, and is dialled for a moment longer', async (t) => {
  const server = createServer();
  const port = await listening(server, 0);
  await new Promise((resolve) => server.close(resolve));
  const link = new Link({ hub: `127.0.0.1:${port}`, timeout: 8_000 });
  t.after(() => link.close());
  const connecting = link.connect();
  let dialled = false;
  server.on('upgrade', (_, socket) => {
    dialled = true;
    socket.end('HTTP/1.1 401 Unauthorized\r\nContent-Length: 12\r\nConnection: close\r\n\r\nwrong secret');
  });
  t.after(() => new Promise((resolve) => server.close(resolve)));
  await listening(server, port);
  await assert.rejects(connecting, { code: 'EAUTH', message: 'wrong secret' });
  assert.ok(dialled);
});

test('a link that was closed connects no more', async (t) => {
  const { link } = await linked(t, () => null);
  link.close();
  await assert.rejects(link.call('drones', {}), { code: 'ECLOSED', message: 'this client was closed' });
});

async function listening(server: ReturnType<typeof createServer>, port: number): Promise<number> {
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

test('a listener goes on at the next hub after the event that it has seen last, and at the same one after its number', async (t) => {
  const asked: Record<string, unknown>[] = [];
  const last = { time: 7, type: 'lost', drone: 'web1', id: null };
  const hostOf = (hub: string) =>
    new RpcHost({
      hub,
      onPeer: (peer) =>
        peer.serve(({ params }) => {
          asked.push({ hub, ...(params as object) });
          return { seq: asked.length * 10, missed: 0, last };
        }),
    }).start();
  const [one, same, other] = [await hostOf('h1'), await hostOf('h1'), await hostOf('h2')];
  const hubs = [one, same, other].map(({ address }) => address);
  const link = new Link({ hub: hubs.join(), timeout: 2_000 }, () => 0);
  t.after(async () => {
    link.close();
    for (const host of [one, same, other]) await host.end();
  });
  const listener = new Listener({ events: true, output: null, drones: null });
  for (const host of [one, same, other]) {
    await link.subscribe(listener);
    const lost = once(link, 'lost');
    await host.end();
    await lost;
  }
  assert.deepEqual(
    asked.map(({ hub, since, after }) => [hub, since, after]),
    [
      ['h1', null, undefined],
      ['h1', 10, undefined],
      ['h2', null, last],
    ],
  );
});
