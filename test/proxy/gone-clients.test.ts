import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, get, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { Backend } from '../../src/proxy/backend.ts';
import { Forwarder } from '../../src/proxy/forwarder.ts';
import type { Handler } from '../../src/proxy/handler.ts';
import { plainServer } from '../../src/proxy/server.ts';
import { instance } from '../fixtures/proxied.ts';

const UPGRADE = { connection: 'Upgrade', upgrade: 'websocket' };

/** Has a server listen, and asks it once. */
async function askedOnce(t: TestContext, server: Server, headers = {}): Promise<void> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close().closeAllConnections());
  const { port } = server.address() as AddressInfo;
  get({ port, host: '127.0.0.1', headers }).on('error', () => {});
}

async function backendOf(t: TestContext): Promise<Backend> {
  const { endpoint } = await instance(t, '000001', (_, response) => response.end('hello'));
  return new Backend({ ...endpoint, address: '127.0.0.1' }, { log() {}, emptied() {} });
}

test('a client that goes away while the instance is connected to leaves nothing under way', async (t) => {
  const backend = await backendOf(t);
  const forwarder = new Forwarder({
    answerWithinMs: 60_000,
    maxBodyBytes: Number.POSITIVE_INFINITY,
    isEnding: () => false,
  });
  const server = createServer();
  const asked = once(server, 'request');
  await askedOnce(t, server);
  const [request, response] = await asked;
  const sent = forwarder.send(request, response, backend);
  response.destroy();
  await sent;
});

test('so does one that wants a websocket', async (t) => {
  const backend = await backendOf(t);
  const forwarder = new Forwarder({
    answerWithinMs: 60_000,
    maxBodyBytes: Number.POSITIVE_INFINITY,
    isEnding: () => false,
  });
  const server = createServer();
  const asked = once(server, 'upgrade');
  await askedOnce(t, server, UPGRADE);
  const [request, socket, head] = await asked;
  const sent = forwarder.upgrade(request, socket, head, backend);
  socket.destroy();
  assert.equal(await sent, 502);
});

test('a connection that breaks before there is one to an instance harms nobody', async (t) => {
  let broken = false;
  const handler: Pick<Handler, 'request' | 'upgrade'> = {
    request: async () => {},
    upgrade: async (_, socket: Socket) => {
      socket.emit('error', new Error('reset'));
      broken = true;
    },
  };
  const server = plainServer(handler as Handler);
  const asked = once(server, 'upgrade');
  await askedOnce(t, server, UPGRADE);
  const [, socket] = (await asked) as [unknown, Socket];
  assert.ok(broken && socket.destroyed);
});
