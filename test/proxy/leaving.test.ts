import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Agent, request } from 'node:http';
import type { Socket } from 'node:net';
import { test } from 'node:test';
import { eventually } from '../fixtures/local-fleet.ts';
import { type Instance, instance, Proxied } from '../fixtures/proxied.ts';

/** A server that sends back whatever comes over an upgraded connection. */
function echoes({ server }: Instance): void {
  server.on('upgrade', (_, socket: Socket) => {
    socket.write('HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n');
    socket.pipe(socket);
  });
}

async function upgraded(proxied: Proxied): Promise<Socket> {
  const headers = { host: 'example.com', connection: 'Upgrade', upgrade: 'websocket' };
  const sent = request({ port: proxied.port, host: '127.0.0.1', headers }).end();
  const [, socket] = (await once(sent, 'upgrade')) as [unknown, Socket];
  return socket.on('error', () => {});
}

const leaving = ({ endpoint }: Instance, drainMs = 10_000) => ({ ...endpoint, state: 'leaving', drainMs });

test('an instance that leaves gets no new request, also not over an open connection, and its idle ones are closed', async (t) => {
  const one = await instance(t, '000001', (_, response) => response.end('one'));
  const two = await instance(t, '000002', (_, response) => response.end('two'));
  const proxied = await Proxied.start(t, [one.endpoint]);
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  t.after(() => agent.destroy());
  assert.equal((await proxied.ask({ agent })).body, 'one');
  await proxied.set([leaving(one), two.endpoint]);
  assert.deepEqual(proxied.drained, ['000001'], 'it has none under way');
  for (let i = 0; i < 5; i++) assert.equal((await proxied.ask({ agent })).body, 'two');
  await eventually(() => one.connections.size === 0, 'no connection is left');
});

test('requests under way are answered, and then it is said that there are none', async (t) => {
  let answer = () => {};
  const one = await instance(t, '000001', (_, response) => {
    answer = () => response.end('late');
  });
  const proxied = await Proxied.start(t, [one.endpoint]);
  const asked = proxied.ask();
  await eventually(() => one.requests === 1, 'it is under way');
  await proxied.set([leaving(one)]);
  assert.deepEqual(proxied.drained, []);
  assert.equal((await proxied.ask()).body, '503 Service Unavailable\n');
  answer();
  assert.equal((await asked).body, 'late');
  await eventually(() => proxied.drained.join() === '000001', 'it is drained');
});

test('a websocket holds up a stop until it ends', async (t) => {
  const one = await instance(t, '000001', () => {});
  echoes(one);
  const proxied = await Proxied.start(t, [one.endpoint]);
  const socket = await upgraded(proxied);
  socket.write('hello');
  assert.equal(String((await once(socket, 'data'))[0]), 'hello');
  await proxied.set([leaving(one)]);
  assert.deepEqual(proxied.drained, []);
  socket.end();
  await eventually(() => proxied.drained.join() === '000001', 'it is drained');
  await eventually(() => one.connections.size === 0, 'no connection is left');
  assert.equal(proxied.accesses[0]?.status, 101);
});

test('what holds up a stop for too long is cut', async (t) => {
  const one = await instance(t, '000001', () => {});
  echoes(one);
  const proxied = await Proxied.start(t, [one.endpoint]);
  const socket = await upgraded(proxied);
  const closed = once(socket, 'close');
  const asked = proxied.ask();
  await eventually(() => one.requests === 1, 'it is under way');
  await proxied.set([leaving(one, 30)]);
  await closed;
  await assert.doesNotReject(asked);
  assert.equal((await asked).status, 502);
  await eventually(() => proxied.drained.includes('000001'), 'it is drained');
});

test('an instance that was to leave and stays gets requests again', async (t) => {
  const one = await instance(t, '000001', (_, response) => response.end('one'));
  const proxied = await Proxied.start(t, [one.endpoint]);
  await proxied.set([leaving(one, 20)]);
  await proxied.set([one.endpoint]);
  assert.equal((await proxied.ask()).body, 'one');
});

test('an upgrade that an instance refuses is answered as it says, and one that nobody can have is refused', async (t) => {
  const one = await instance(t, '000001', () => {});
  one.server.on('upgrade', (_, socket: Socket) => {
    socket.end('HTTP/1.1 401 Unauthorized\r\nContent-Length: 2\r\nConnection: close\r\n\r\nno');
  });
  const proxied = await Proxied.start(t, [one.endpoint]);
  const asked = (host: string) =>
    proxied.raw(`GET / HTTP/1.1\nHost: ${host}\nConnection: Upgrade\nUpgrade: websocket\n\n`);
  assert.match(await asked('example.com'), /^HTTP\/1\.1 401 .*no$/s);
  assert.match(await asked('other.com'), /^HTTP\/1\.1 404 /);
  await proxied.set([{ ...one.endpoint, state: 'leaving', drainMs: 60_000 }]);
  await eventually(() => proxied.drained.length > 0, 'and it is over then');
  await proxied.set([]);
  assert.match(await asked('example.com'), /^HTTP\/1\.1 503 /);
});

test('a wish for another protocol than a websocket is left out, and the request is answered', async (t) => {
  const one = await instance(t, '000001', (request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (text: string) => {
      body += text;
    });
    request.on('end', () => response.end(`${request.method} ${body} ${request.headers.upgrade}`));
  });
  const proxied = await Proxied.start(t, [one.endpoint]);
  const head = 'Host: example.com\nConnection: Upgrade, HTTP2-Settings\nUpgrade: h2c\nHTTP2-Settings: x';
  const answer = await proxied.raw(
    `POST / HTTP/1.1\n${head}\nContent-Length: 4\n\nbodyGET / HTTP/1.1\nHost: example.com\nConnection: close\n\n`,
  );
  assert.match(answer, /POST body undefined.*GET {2}undefined/s);
});

test('one that cannot be reached is looked for, and gets requests when it is', async (t) => {
  const one = await instance(t, '000001', (_, response) => response.end('one'));
  const two = await instance(t, '000002', (_, response) => response.end('two'));
  const { port } = one.endpoint;
  await new Promise((resolve) => one.server.close(resolve));
  const proxied = await Proxied.start(t, [one.endpoint, two.endpoint]);
  for (let i = 0; i < 10; i++) assert.equal((await proxied.ask()).body, 'two');
  await eventually(() => proxied.lines.some((line) => line.startsWith('cannot reach web1#000001')), 'a line');
  one.server.listen(port, '127.0.0.1');
  await eventually(async () => (await proxied.ask()).body === 'one', 'it is reached');
});
