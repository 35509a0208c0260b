import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { endpoint } from '../fixtures/endpoint.ts';
import { eventually } from '../fixtures/local-fleet.ts';
import { Proxied } from '../fixtures/proxied.ts';

const answerOf = (text: string) => `HTTP/1.1 200 OK\r\nContent-Length: ${text.length}\r\n\r\n${text}`;

interface Before {
  proxied: Proxied;
  /** To the instance. */
  sockets: Socket[];
  /** Has it answer with this from now on. */
  answer(text: string): void;
}

/** A proxy before an instance that answers each request, and the connections to that. */
async function before(t: TestContext): Promise<Before> {
  const sockets: Socket[] = [];
  let answered = answerOf('asked');
  const server = createServer((socket) => {
    socket.on('error', () => {}).on('data', () => socket.write(answered));
    socket.once('data', () => sockets.push(socket));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  const { port } = server.address() as AddressInfo;
  const answer = (text: string) => {
    answered = text;
  };
  return { proxied: await Proxied.start(t, [endpoint({ id: '000001', port })]), sockets, answer };
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

test('what is not HTTP, or can be read in two ways, is no answer, and its connection is not used again', async (t) => {
  const { proxied, sockets, answer } = await before(t);
  const body = '\r\n\r\n5\r\nhello\r\n0\r\n\r\n';
  for (const text of [
    'SSH-2.0-OpenSSH\r\n\r\n',
    'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n',
    `HTTP/1.1 101 Switching Protocols\r\n\r\n${answerOf('other')}`,
    'HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello!',
    `HTTP/1.1 200 OK\r\nContent-Length: 15\r\nTransfer-Encoding: chunked${body}`,
    `HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked${body}`,
    `HTTP/1.1 200 OK\r\nX: ${'y'.repeat(70_000)}\r\nContent-Length: 0\r\n\r\n`,
  ]) {
    answer(text);
    assert.equal((await proxied.ask({ method: 'POST' })).status, 502, text.slice(0, 100));
    answer(answerOf('right'));
    assert.equal((await proxied.ask()).body, 'right');
  }
  assert.ok(sockets.length >= 8);
});

test('an answer that breaks off does so for the client, too, and one without a length ends with its connection', async (t) => {
  const { proxied, sockets, answer } = await before(t);
  const begun = [
    'Content-Length: 10\r\n\r\nhello',
    'Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n',
    '\r\nhello',
  ];
  for (const [n, text] of begun.entries()) {
    answer(`HTTP/1.1 200 OK\r\n${text}`);
    const asked = proxied.raw('GET / HTTP/1.1\nHost: example.com\nConnection: close\n\n');
    await eventually(() => sockets.length === n + 1, 'it is under way');
    sockets[n]?.end();
    const heard = await asked;
    assert.match(heard, /hello/);
    assert.equal(/\r\n0\r\n\r\n$/.test(heard), n === 2, heard);
  }
});
