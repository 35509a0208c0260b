import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Agent, type IncomingMessage, type RequestListener, request } from 'node:http';
import { test } from 'node:test';
import { eventually } from '../fixtures/local-fleet.ts';
import { instance, nobody, Proxied } from '../fixtures/proxied.ts';

const named =
  (name: string): RequestListener =>
  (_, response) =>
    response.end(name);

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts);
}

test('connections stay, those of clients and those to instances', async (t) => {
  const one = await instance(t, '000001', named('one'));
  const proxied = await Proxied.start(t, [one.endpoint]);
  let connections = 0;
  one.server.on('connection', () => connections++);
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  t.after(() => agent.destroy());
  for (let i = 0; i < 20; i++) {
    const answer = await proxied.ask({ agent });
    assert.deepEqual([answer.status, answer.body, answer.headers.connection], [200, 'one', 'keep-alive']);
  }
  assert.equal(connections, 1);
  const closing = await proxied.ask({ headers: { connection: 'close' } });
  assert.equal(closing.headers.connection, 'close');
  assert.equal((await proxied.ask({ agent })).body, 'one');
  assert.equal(connections, 1, 'a client that closes its connection leaves that to the instance open');
});

test('a request that cannot be sent goes to another instance, with all of its body', async (t) => {
  const one = await instance(t, '000001', async (request, response) =>
    response.end(String((await bodyOf(request)).length)),
  );
  const dead = await Promise.all(['000002', '000003', '000004'].map((id) => nobody(t, id)));
  const two = await instance(t, '000005', named('two'));
  const proxied = await Proxied.start(t, [two.endpoint]);
  // They are known to be reached when they go away.
  two.server.close();
  for (const socket of two.connections) socket.destroy();
  await proxied.set([...dead, one.endpoint, two.endpoint]);
  const body = Buffer.alloc(1_000_000, 'x');
  for (let i = 0; i < 10; i++) {
    const answer = await proxied.ask({ method: 'POST', body });
    assert.deepEqual([answer.status, answer.body], [200, '1000000']);
  }
});

test('what an instance was sent and did not answer goes to another one once, if it is a GET', async (t) => {
  const cut: RequestListener = (request) => request.socket.destroy();
  const all = await Promise.all(['000001', '000002', '000003'].map((id) => instance(t, id, cut)));
  const sum = () => all.reduce((count, { requests }) => count + requests, 0);
  const proxied = await Proxied.start(
    t,
    all.map(({ endpoint }) => endpoint),
  );
  assert.deepEqual((await proxied.ask()).body, '502 Bad Gateway\n');
  assert.equal(sum(), 2);
  assert.equal((await proxied.ask({ method: 'POST', body: 'x' })).status, 502);
  assert.equal(sum(), 3, 'a POST may have changed something');
  await eventually(() => proxied.accesses.length === 2, 'the log');
  assert.deepEqual(
    proxied.accesses.map(({ method, status, tries, app, service }) => [method, status, tries, app, service]),
    [
      ['GET', 502, 2, 'webapp', 'web'],
      ['POST', 502, 1, 'webapp', 'web'],
    ],
  );
  for (const { error } of proxied.accesses) assert.equal(error, 'other side closed');
});

test('an instance that does not answer in time is a 504, and a client that does not send a 408', async (t) => {
  const one = await instance(t, '000001', () => {});
  const proxied = await Proxied.start(t, [one.endpoint], { answerWithinMs: 50 });
  assert.deepEqual((await proxied.ask()).body, '504 Gateway Timeout\n');
  const slow = await proxied.raw('POST / HTTP/1.1\nHost: example.com\nContent-Length: 10\n\nabc');
  assert.match(slow, /^HTTP\/1\.1 408 /);
});

test('an answer may take its time once it has begun, and begins at once', async (t) => {
  let goOn = () => {};
  const one = await instance(t, '000001', (_, response) => {
    response.flushHeaders();
    goOn = () => {
      response.write('a');
      goOn = () => response.end('b');
    };
  });
  const proxied = await Proxied.start(t, [one.endpoint], { answerWithinMs: 50 });
  const sent = request({ port: proxied.port, host: '127.0.0.1', headers: { host: 'example.com' } }).end();
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  goOn();
  const [first] = (await once(response, 'data')) as [Buffer];
  assert.equal(String(first), 'a', 'what there is arrives at once');
  setTimeout(() => goOn(), 150);
  assert.equal(String(await bodyOf(response)), 'b');
});

test('a client that goes away takes its request along', async (t) => {
  let ended = Promise.resolve();
  const one = await instance(t, '000001', (_, response) => {
    ended = once(response, 'close').then(() => {});
    response.write('x');
  });
  const proxied = await Proxied.start(t, [one.endpoint]);
  const sent = request({ port: proxied.port, host: '127.0.0.1', headers: { host: 'example.com' } }).end();
  await once(sent, 'response');
  sent.destroy();
  await ended;
});

test('an instance may answer before it has read the request', async (t) => {
  const one = await instance(t, '000001', (_, response) => {
    response.writeHead(413).end('too much');
  });
  const proxied = await Proxied.start(t, [one.endpoint]);
  const answer = await proxied.raw(
    `POST / HTTP/1.1\nHost: example.com\nConnection: close\nContent-Length: 5000000\n\n${'x'.repeat(200_000)}`,
  );
  assert.match(answer, /^HTTP\/1\.1 413 .*too much/s);
});

test('trailers of an answer reach the client, and one that asks whether it may go on is told so', async (t) => {
  const one = await instance(t, '000001', async (request, response) => {
    response.writeHead(200, { Trailer: 'X-Sum' });
    response.write(await bodyOf(request));
    response.addTrailers({ 'X-Sum': `42 ${request.headers.trailer} ${request.trailers['x-sum']}` });
    response.end();
  });
  const proxied = await Proxied.start(t, [one.endpoint]);
  const sent = request({
    ...{ port: proxied.port, host: '127.0.0.1', method: 'POST' },
    headers: {
      host: 'example.com',
      trailer: 'X-Sum',
      'transfer-encoding': 'chunked',
      expect: '100-continue',
    },
  });
  sent.flushHeaders();
  await once(sent, 'continue');
  sent.write('body');
  sent.addTrailers({ 'X-Sum': '42' });
  sent.end();
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  assert.equal(String(await bodyOf(response)), 'body');
  assert.deepEqual(
    { ...response.trailers },
    { 'x-sum': '42 undefined undefined' },
    'those of requests end here',
  );
});

test('an instance sees the host, the path and who asked, and nothing that the client made up of that', async (t) => {
  const one = await instance(t, '000001', (request, response) =>
    response.end(JSON.stringify([request.url, request.headers])),
  );
  const proxied = await Proxied.start(t, [one.endpoint]);
  const { body } = await proxied.ask({
    path: '/a%20b/../c?d=e',
    headers: {
      'X-Forwarded-For': '1.1.1.1',
      X_Forwarded_For: '1.1.1.1',
      Cookie: 'a=b',
      Connection: 'close, cookie2',
    },
  });
  const [url, headers] = JSON.parse(body) as [string, Record<string, string>];
  assert.equal(url, '/a%20b/../c?d=e');
  assert.deepEqual(headers, {
    host: 'example.com',
    connection: 'keep-alive',
    cookie: 'a=b',
    'x-forwarded-for': '127.0.0.1',
    'x-forwarded-proto': 'http',
    'x-forwarded-host': 'example.com',
  });
});

test('a request that can be read in two ways reaches no instance', async (t) => {
  const one = await instance(t, '000001', named('one'));
  const proxied = await Proxied.start(t, [one.endpoint]);
  for (const text of [
    'POST / HTTP/1.1\nHost: example.com\nContent-Length: 5\nTransfer-Encoding: chunked\n\n0\n\nGET /',
    'POST / HTTP/1.1\nHost: example.com\nContent-Length: 5\nContent-Length: 6\n\nabcdef',
    'POST / HTTP/1.1\nHost: example.com\nTransfer-Encoding : chunked\n\n0\n\n',
    'GET / HTTP/1.1\nHost: example.com\n Folded: x\n\n',
    'GET / HTTP/1.1\n\n',
    'GET http://example.com/\nHost: example.com\nConnection: close\n\n',
    'GET / HTTP/1.1\nHost: example.com\nHost: other.com\n\n',
    'POST / HTTP/1.0\nHost: example.com\nTransfer-Encoding: chunked\n\n0\n\n',
    'GET * HTTP/1.1\nHost: example.com\nConnection: close\n\n',
    `GET / HTTP/1.1\nHost: example.com\nX: ${'x'.repeat(20_000)}\n\n`,
  ])
    assert.match(await proxied.raw(text), /^HTTP\/1\.1 (4\d\d|505) /, text.slice(0, 100));
  for (const coding of ['xchunked', 'gzip, chunked', 'identity\nTransfer-Encoding: chunked'])
    assert.match(
      await proxied.raw(`POST / HTTP/1.1\nHost: example.com\nTransfer-Encoding: ${coding}\n\n0\n\n`),
      /^HTTP\/1\.1 501 /,
    );
  assert.equal(one.requests, 0);
});

test('one for a websocket that has a body is an ordinary request: an instance gets it whole', async (t) => {
  const one = await instance(t, '000001', async (request, response) => response.end(await bodyOf(request)));
  const proxied = await Proxied.start(t, [one.endpoint]);
  const answer = await proxied.raw(
    'GET / HTTP/1.1\nHost: example.com\nConnection: close, Upgrade\nUpgrade: websocket\nContent-Length: 3\n\nabc',
  );
  assert.match(answer, /^HTTP\/1\.1 200 .*abc$/s);
});

test('trailers are announced only where there can be some', async (t) => {
  const one = await instance(t, '000001', (_, response) => {
    response.socket?.end('HTTP/1.1 200 OK\r\nTrailer: X-Sum\r\nContent-Length: 2\r\n\r\nok');
  });
  const proxied = await Proxied.start(t, [one.endpoint]);
  const trailer = 'Trailer: X-Sum\nConnection: close\n';
  const sent = await proxied.raw(`POST / HTTP/1.1\nHost: example.com\n${trailer}Content-Length: 3\n\nabc`);
  assert.match(sent, /^HTTP\/1\.1 200 .*ok$/s);
  assert.match(
    await proxied.raw(`GET / HTTP/1.0\nHost: example.com\n${trailer}\n`),
    /^HTTP\/1\.1 200 .*ok$/s,
  );
});

test('when it ends, it takes no new connection, and answers what is under way', async (t) => {
  let answer = () => {};
  const one = await instance(t, '000001', (_, response) => {
    answer = () => response.end('late');
  });
  const proxied = await Proxied.start(t, [one.endpoint]);
  const asked = proxied.ask({ agent: new Agent({ keepAlive: true }) });
  await eventually(() => one.requests === 1, 'it is under way');
  const closed = proxied.proxy.close();
  await assert.rejects(proxied.ask(), { code: 'ECONNREFUSED' });
  answer();
  const { body, headers } = await asked;
  assert.deepEqual([body, headers.connection], ['late', 'close'], 'the next request would be sent in vain');
  await closed;
});
