import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { endpoint } from '../fixtures/endpoint.ts';
import { eventually } from '../fixtures/local-fleet.ts';
import { Proxied } from '../fixtures/proxied.ts';

const PIECE = 'x'.repeat(1_000);
const PIECES = 20_000;

/** A proxy before an instance that answers everything at once, in pieces, over connections that stay. */
async function before(t: TestContext): Promise<{ proxied: Proxied; sockets: Socket[] }> {
  const sockets: Socket[] = [];
  const pieces = `${PIECE.length.toString(16)}\r\n${PIECE}\r\n`.repeat(PIECES);
  const server = createServer((socket) => {
    // One over which nothing comes only tries whether it can be reached.
    socket.once('data', () => sockets.push(socket));
    socket
      .on('error', () => {})
      .on('data', () => {
        socket.write(`HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${pieces}0\r\n\r\n`);
      });
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

test('an instance waits for a client that reads slowly, and its connection serves others afterwards', async (t) => {
  const { proxied, sockets } = await before(t);
  const slow = connect({ port: proxied.port, host: '127.0.0.1' });
  slow.write('GET / HTTP/1.1\r\nHost: example.com\r\nConnection: close\r\n\r\n');
  await eventually(() => (sockets[0]?.writableLength ?? 0) > 0, 'the instance has to wait');
  let bytes = 0;
  for await (const chunk of slow) bytes += (chunk as Buffer).length;
  assert.ok(bytes > PIECE.length * PIECES);
  assert.equal((await proxied.ask()).body.length, PIECE.length * PIECES);
  assert.equal(sockets.length, 1);
});

test('a client that goes away while an instance waits for it takes the connection along', async (t) => {
  const { proxied, sockets } = await before(t);
  const slow = connect({ port: proxied.port, host: '127.0.0.1' });
  slow.write('GET / HTTP/1.1\r\nHost: example.com\r\n\r\n');
  await eventually(() => (sockets[0]?.writableLength ?? 0) > 0, 'the instance has to wait');
  slow.destroy();
  await eventually(() => sockets[0]?.destroyed, 'it is closed');
});
