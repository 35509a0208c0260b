import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { endpoint } from '../fixtures/endpoint.ts';
import { eventually } from '../fixtures/local-fleet.ts';
import { Proxied } from '../fixtures/proxied.ts';

const answerOf = (text: string) => `HTTP/1.1 200 OK\r\nContent-Length: ${text.length}\r\n\r\n${text}`;

/** A proxy before an instance that answers each request, and the connections to that. */
async function before(t: TestContext): Promise<{ proxied: Proxied; sockets: Socket[] }> {
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    socket.on('error', () => {}).on('data', () => socket.write(answerOf('asked')));
    socket.once('data', () => sockets.push(socket));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  const { port } = server.address() as AddressInfo;
  return { proxied: await Proxied.start(t, [endpoint({ id: '000001', port })]), sockets };
}

test('what an instance says unasked is not the answer to the next request', async (t) => {
  const { proxied, sockets } = await before(t);
  assert.equal((await proxied.ask()).body, 'asked');
  assert.equal((await proxied.ask()).body, 'asked');
  assert.equal(sockets.length, 1, 'the connection stays');
  sockets[0]?.write(answerOf('unasked'));
  await eventually(() => sockets[0]?.destroyed, 'nobody has to ask for that');
  for (let i = 0; i < 3; i++) assert.equal((await proxied.ask()).body, 'asked');
  assert.equal(sockets.length, 2);
});

test('a connection that nobody needs is closed', async (t) => {
  const { proxied, sockets } = await before(t);
  await proxied.ask();
  await eventually(() => sockets[0]?.destroyed, 'it is closed');
});
