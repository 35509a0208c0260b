import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { dialAny } from '../../src/rpc/dial-any.ts';
import { RpcHost, tcpServer } from '../fixtures/rpc-host.ts';

/** Longer than any of these tests takes. */
const NEVER_MS = 60_000;

const dialled = (hubs: string[], { timeout = 5_000, nextAfter = NEVER_MS, connected = 0 } = {}) =>
  dialAny(
    hubs.map((hub) => ({ hub })),
    { role: 'client', timeout, pingEvery: 5_000, deadAfter: 15_000 },
    { silentMs: nextAfter, connectedMs: connected || nextAfter },
  );

async function hub(t: TestContext): Promise<RpcHost> {
  const host = await new RpcHost().start();
  t.after(() => host.end());
  return host;
}

/** The address of a server that takes connections, and says nothing. */
async function silent(t: TestContext): Promise<string> {
  const server = await tcpServer(() => {});
  t.after(() => server.end());
  return server.address;
}

/** An address at which nothing listens. */
async function nothing(): Promise<string> {
  const server = await tcpServer(() => {});
  server.end();
  return server.address;
}

test('the first hub that is there is taken, and the others are left alone', async (t) => {
  const [first, second] = [await hub(t), await hub(t)];
  const { peer, hub: taken } = await dialled([first.address, second.address]);
  assert.equal(taken.hub, first.address);
  assert.deepEqual(await peer.call('x', { a: 1 }).then(({ result }) => result), { a: 1 });
  assert.equal(second.peers.length, 0);
  peer.close();
});

test('the next hub is dialled at once when one refuses connections', async (t) => {
  const last = await hub(t);
  const { peer, hub: taken } = await dialled([await nothing(), await nothing(), last.address]);
  assert.equal(taken.hub, last.address);
  peer.close();
});

test('the next hub is dialled beside one that does not answer, which is given up when that has answered', async (t) => {
  let close = () => {};
  const closed = new Promise<void>((resolve) => {
    close = resolve;
  });
  const server = await tcpServer((socket) => socket.on('data', () => {}).on('close', close));
  t.after(() => server.end());
  const second = await hub(t);
  const { peer, hub: taken } = await dialled([server.address, second.address], { nextAfter: 1 });
  assert.equal(taken.hub, second.address);
  await closed;
  peer.close();
});

test('a hub that takes the connection may have more time than one that does not', async (t) => {
  const second = await hub(t);
  const hubs = [await silent(t), second.address];
  const times = { timeout: 200, nextAfter: 1, connected: NEVER_MS };
  await assert.rejects(dialled(hubs, times), { code: 'ETIMEOUT' });
  assert.equal(second.peers.length, 0);
  const { peer, hub: taken } = await dialled(hubs, { ...times, timeout: 5_000, connected: 2 });
  assert.equal(taken.hub, second.address);
  peer.close();
});

test('if none answers, the error names each, and why', async (t) => {
  const [refusing, quiet] = [await nothing(), await silent(t)];
  const names = [refusing, quiet].sort();
  const why = (name: string) => `${name} (${name === quiet ? 'no answer' : 'nothing listens there'})`;
  await assert.rejects(dialled([quiet, refusing], { timeout: 50, nextAfter: 1 }), {
    code: 'ECONNECT',
    message: `none of the hubs answers: ${names.map(why).join(', ')}`,
  });
  await assert.rejects(dialled([quiet, await silent(t)], { timeout: 50, nextAfter: 1 }), {
    code: 'ETIMEOUT',
  });
});

test('a refusal counts for all hubs', async (t) => {
  const refused = 'HTTP/1.1 401 Unauthorized\r\nContent-Length: 12\r\n\r\nwrong secret';
  const server = await tcpServer((socket) => socket.once('data', () => socket.end(refused)));
  t.after(() => server.end());
  const other = await hub(t);
  await assert.rejects(dialled([server.address, other.address]), { code: 'EAUTH', message: 'wrong secret' });
  assert.equal(other.peers.length, 0);
});

test('a hub that is full, or something else, is passed over', async (t) => {
  const other = await hub(t);
  for (const answer of ['503 Service Unavailable', '200 OK']) {
    const server = await tcpServer((socket) =>
      socket.once('data', () => socket.end(`HTTP/1.1 ${answer}\r\nContent-Length: 0\r\n\r\n`)),
    );
    t.after(() => server.end());
    const { peer, hub: taken } = await dialled([server.address, other.address]);
    assert.equal(taken.hub, other.address);
    peer.close();
  }
});
