import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Peer } from '../../src/rpc/peer.ts';
import { eventually } from '../fixtures/local-fleet.ts';
import { callFrame, dialTo, METHODS, RpcHost, tcpServer } from '../fixtures/rpc-host.ts';

async function withHost(
  options: ConstructorParameters<typeof RpcHost>[0],
  act: (host: RpcHost) => Promise<void>,
): Promise<void> {
  const host = await new RpcHost(options).start();
  try {
    await act(host);
  } finally {
    await host.end();
  }
}

test('a peer that sends too fast is read more slowly, and loses nothing', () =>
  withHost({ rate: 200, maxPending: 10_000 }, async (host) => {
    const client = await host.dial();
    const started = performance.now();
    const answers = await Promise.all(Array.from({ length: 1_200 }, (_, n) => client.call('echo', n)));
    assert.deepEqual(
      answers.map(({ result }) => result),
      Array.from({ length: 1_200 }, (_, n) => n),
    );
    // The first thousand are a burst that passes; what came in one breath with them is owed.
    await client.call('echo', 1);
    assert.ok(performance.now() - started > 500);
    client.close();
  }));

test('connections are limited, in all and by address', async () => {
  for (const limit of [{ maxPeers: 2 }, { maxPeersPerAddress: 2 }]) {
    await withHost(limit, async (host) => {
      const [first] = await Promise.all([host.dial(), host.dial()]);
      await assert.rejects(host.dial(), { code: 'ELIMIT' });
      first.close();
      await first.closed;
      await host.peers[0]?.closed;
      (await host.dial()).close();
    });
  }
});

test('a peer that does not read what it asked for is disconnected before it costs much memory', () =>
  withHost({}, async (host) => {
    const raw = await host.raw();
    await raw.echoed();
    const peer = host.peers[0] as Peer;
    raw.send({ method: 'methods', arguments: [] });
    await raw.echoed();
    raw.socket.pause();
    const bytes = Buffer.alloc(1_000_000);
    for (let n = 0; n < 120; n++) peer.notify('output', {}, bytes);
    assert.match((await peer.closed).message, /does not read/);
    assert.ok(peer.buffered < 80_000_000);
    raw.socket.terminate();
  }));

test('calls of an owner wait while those under way have come with much', async () => {
  const answers: (() => void)[] = [];
  let begun = 0;
  let most = 0;
  const onPeer = (peer: Peer) =>
    peer.serve(async () => {
      begun++;
      const answered = new Promise<void>((resolve) => answers.push(resolve));
      most = Math.max(most, answers.length);
      await answered;
    });
  await withHost({ onPeer, owner: 'ci', maxUnderWay: 1_000_000 }, async (host) => {
    const clients = await Promise.all([host.dial(), host.dial()]);
    const large = 'x'.repeat(400_000);
    const calls = clients.flatMap((client) => [1, 2, 3, 4].map(() => client.call('large', large)));
    await eventually(() => begun === 3, 'three of them begin');
    for (let n = 4; n <= calls.length; n++) {
      answers.shift()?.();
      await eventually(() => begun === n, 'one more begins when one has ended');
    }
    for (const answer of answers.splice(0)) answer();
    await Promise.all(calls);
    assert.equal(most, 3);
    for (const client of clients) client.close();
  });
});

test('what arrives of messages that are not whole is limited for each owner', () =>
  withHost({ owner: 'ci', maxUnfinished: 300_000 }, async (host) => {
    const raws = await Promise.all([host.raw(), host.raw(), host.raw()]);
    // These have arrived in pieces, too, and are whole.
    raws[0]?.send(METHODS);
    for (let n = 0; n < 10; n++) raws[0]?.send(callFrame(0, 'echo', ['x'.repeat(100_000)]));
    await raws[0]?.echoed();
    for (const { socket } of raws) socket.send('x'.repeat(120_000), { fin: false });
    const why = await Promise.race(host.peers.map(({ closed }) => closed));
    assert.deepEqual(
      [why.code, why.message],
      ['ELIMIT', 'too much of messages has arrived that are not whole yet'],
    );
    for (const { socket } of raws) socket.terminate();
  }));

test('a peer that answers no ping is disconnected', async () => {
  // A hub that upgrades and then says nothing more, as behind a pulled cable.
  const dead = await tcpServer((socket) => {
    socket.once('data', () => socket.pause());
  });
  try {
    await assert.rejects(dialTo(dead.address, { timeout: 100 }), { code: 'ETIMEOUT' });
  } finally {
    dead.end();
  }
  await withHost({}, async (host) => {
    const { address } = host;
    const [ip, port] = address.split(':');
    const { connect } = await import('node:net');
    let cut = false;
    const proxy = await tcpServer((socket) => {
      const to = connect(Number(port), ip);
      socket.on('data', (chunk) => cut || to.write(chunk));
      to.on('data', (chunk) => cut || socket.write(chunk)).on('error', () => {});
      socket.on('close', () => to.destroy());
    });
    const peer = await dialTo(proxy.address, { pingEvery: 40, deadAfter: 200 });
    assert.equal((await peer.call('echo', 1)).result, 1);
    const started = performance.now();
    cut = true;
    const why = await peer.closed;
    assert.equal(why.code, 'ETIMEOUT');
    assert.ok(performance.now() - started >= 150, 'not before its time');
    proxy.end();
  });
});
