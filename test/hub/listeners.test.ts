import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { Server } from 'node:http';
import { connect } from 'node:net';
import { type TestContext, test } from 'node:test';
import { PendingConnections } from '../../src/hub/access/pending-connections.ts';
import { closeServer, listen, makeServer } from '../../src/hub/listeners.ts';

async function makeListening(t: TestContext) {
  const server: Server = await makeServer(null, new PendingConnections());
  t.after(() => closeServer(server));
  const port = await listen(server, 0, '127.0.0.1');
  return { server, port };
}

/** What a server says to these bytes before it hangs up. */
async function answerTo(port: number, bytes: string): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  socket.end(bytes);
  let text = '';
  for await (const chunk of socket) text += String(chunk);
  return text;
}

test('port 0 is a free port, which is returned; a port that is taken or cannot be used says what to do', async (t) => {
  const { port } = await makeListening(t);
  assert.ok(port > 0);
  const { server } = await makeListening(t);
  const other = await makeServer(null, new PendingConnections());
  await assert.rejects(listen(other, port, '127.0.0.1'), {
    code: 'EINUSE',
    message: `port ${port} is taken by another program; choose one with --port or --gport`,
  });
  await assert.rejects(listen(other, 65_536, '127.0.0.1'), { code: 'EUSAGE', message: /ports end at 65535/ });
  await assert.rejects(listen(other, 0, '192.0.2.1'), {
    code: 'EUSAGE',
    message: /cannot listen on 192\.0\.2\.1/,
  });
  assert.ok(server.listening);
});

test('what is not HTTP, or too much of it, is answered with a status and ends', async (t) => {
  const { port } = await makeListening(t);
  assert.match(await answerTo(port, 'hello\r\n\r\n'), /^HTTP\/1\.1 400 Bad Request\r\nConnection: close\r\n/);
  const large = `GET / HTTP/1.1\r\nHost: x\r\nX: ${'x'.repeat(100_000)}\r\n\r\n`;
  assert.match(await answerTo(port, large), /^HTTP\/1\.1 431 Request Header Fields Too Large\r\n/);
});

test('slow headers, silence and too many connections have limits; a long answer has none', async (t) => {
  const { server } = await makeListening(t);
  assert.deepEqual([server.headersTimeout, server.requestTimeout], [10_000, 0]);
  assert.ok(server.timeout > 0 && server.maxConnections > 0);
});

test('a certificate that cannot be used is an error that says why', async () => {
  await assert.rejects(makeServer({ cert: 'none', key: 'none' } as never, new PendingConnections()), {
    code: 'ECONFIG',
    message: /^the certificate and its key cannot be used: /,
  });
});

test('closing ends the connections that are open', async (t) => {
  const { server, port } = await makeListening(t);
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  const closed = once(socket, 'close');
  socket.resume();
  await closeServer(server);
  await closed;
});
