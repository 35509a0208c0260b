import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, createServer as createTcp, type Server } from 'node:net';
import { type TestContext, test } from 'node:test';
import { rpcPath } from '../../src/rpc/dial.ts';
import { dialTo, RpcHost } from '../fixtures/rpc-host.ts';

async function listening(t: TestContext, server: Server): Promise<string> {
  t.after(() => server.close());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** A server that answers every upgrade with this. */
function refusing(t: TestContext, status: string, text: string): Promise<string> {
  const server = createServer();
  server.on('upgrade', (_, socket) =>
    socket.end(
      `HTTP/1.1 ${status}\r\nContent-Length: ${Buffer.byteLength(text)}\r\nConnection: close\r\n\r\n${text}`,
    ),
  );
  return listening(t, server);
}

for (const [status, text, code, message] of [
  ['401 Unauthorized', 'wrong secret\n', 'EAUTH', 'wrong secret'],
  ['403 Forbidden', 'not you\nmore', 'EFORBIDDEN', 'not you'],
  ['429 Too Many Requests', 'later', 'ELIMIT', 'later'],
  ['503 Service Unavailable', '', 'ELIMIT', 'HTTP 503'],
  ['200 OK', '<html>', 'EPROTOCOL', "this is not a fleet hub's control port (it answered: <html>)"],
  [
    '404 Not Found',
    'x'.repeat(5_000),
    'EPROTOCOL',
    `this is not a fleet hub's control port (it answered: ${'x'.repeat(500)})`,
  ],
] as const) {
  test(`a hub that answers ${status} is ${code}`, async (t) => {
    await assert.rejects(dialTo(await refusing(t, status, text)), { code, message });
  });
}

test('each role dials its path, with what it knows and its secret', async (t) => {
  let asked: unknown[] = [];
  const server = createServer();
  server.on('upgrade', ({ url, headers }, socket) => {
    asked = [url, headers.authorization, Object.keys(headers).some((name) => name.startsWith('fleet-'))];
    socket.end('HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\nConnection: close\r\n\r\n');
  });
  const hub = await listening(t, server);
  await assert.rejects(dialTo(hub, { role: 'drone', target: { hub, secret: 'a:b' } }), { code: 'EAUTH' });
  assert.deepEqual(asked, [rpcPath('drone'), `Basic ${Buffer.from('git:a:b').toString('base64')}`, true]);
});

test('a hub that never answers is given up after the timeout, whatever it is busy with', async (t) => {
  const sockets: { destroy(): void }[] = [];
  t.after(() => sockets.forEach((socket) => void socket.destroy()));
  const hub = await listening(
    t,
    createTcp((socket) => void sockets.push(socket)),
  );
  await assert.rejects(dialTo(hub, { timeout: 30 }), { code: 'ETIMEOUT' });
});

test('what can never work is refused without dialling', async () => {
  const target = { hub: '127.0.0.1:1' };
  for (const [more, message] of [
    [{ fingerprint: `sha256:${'0'.repeat(64)}` }, '--fingerprint needs TLS: write --hub=https://127.0.0.1:1'],
    [{ ca: '/nowhere' }, '--ca needs TLS: write --hub=https://127.0.0.1:1'],
  ] as const)
    await assert.rejects(dialTo('', { target: { ...target, ...more } }), { code: 'EUSAGE', message });
  await assert.rejects(dialTo('', { target: { hub: 'https://127.0.0.1:1', ca: '/nowhere' } }), {
    code: 'ECONFIG',
    message: 'cannot read the certificate authority /nowhere',
  });
});

test('both ends know what the other can, once they are connected', async (t) => {
  const host = await new RpcHost().start();
  t.after(() => host.end());
  const peer = await host.dial();
  assert.ok(peer.features.has('open-messages'));
  assert.ok(host.peers[0]?.features.has('open-messages'));
  assert.deepEqual((await peer.call('echo', { a: 1 })).result, { a: 1 });
  peer.close();
});
