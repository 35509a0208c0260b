import assert from 'node:assert/strict';
import { request } from 'node:http';
import { connect } from 'node:net';
import { after, before, test } from 'node:test';
import { connect as connectClient, createHub } from '../../src/index.ts';
import { basicAuth } from '../../src/protocol/authorization.ts';
import { eventually, LocalFleet, SECRET } from '../fixtures/local-fleet.ts';
import { RawSocket } from '../fixtures/rpc-host.ts';

const fleet = new LocalFleet();
const lines: string[] = [];
before(async () => {
  await fleet.startHub({ log: (line) => lines.push(line) });
});
after(() => fleet.end());

/** The status of one request. An upgrade that is let in has 101. */
function ask(port: number, method: string, path: string, headers: Record<string, string>): Promise<number> {
  return new Promise((resolve, reject) => {
    const outgoing = request({ host: '127.0.0.1', port, method, path, headers, agent: false });
    outgoing.on('error', reject);
    outgoing.on('upgrade', (_, socket) => {
      socket.destroy();
      resolve(101);
    });
    outgoing.on('response', (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    outgoing.end();
  });
}

const UPGRADE = {
  connection: 'Upgrade',
  upgrade: 'websocket',
  'sec-websocket-version': '13',
  'sec-websocket-key': 'AAAAAAAAAAAAAAAAAAAAAA==',
};

test('every path of both ports requires the secret, before the request is looked at', async () => {
  const { port, gport } = fleet.hub;
  const git = ['/app.git/info/refs?service=git-upload-pack', '/app.git/info/refs?service=git-receive-pack'];
  const requests: [number, string, string, Record<string, string>][] = [];
  for (const one of [port, gport]) {
    for (const path of [
      '/',
      '/v1/client',
      '/v1/drone',
      '/metrics',
      '/../../etc/passwd',
      '/%2e%2e',
      '//x',
      ...git,
    ])
      requests.push([one, 'GET', path, {}]);
    for (const path of ['/app.git/git-upload-pack', '/app.git/git-receive-pack'])
      requests.push([one, 'POST', path, {}]);
    requests.push([one, 'OPTIONS', '*', {}], [one, 'TRACE', '/', {}], [one, 'HEAD', '/', {}]);
  }
  for (const path of ['/v1/client', '/v1/drone', '/', '/v2/client'])
    requests.push([port, 'GET', path, UPGRADE]);
  const statuses = await Promise.all(
    requests.map(([at, method, path, headers]) => ask(at, method, path, headers)),
  );
  for (const [n, status] of statuses.entries()) assert.equal(status, 401, JSON.stringify(requests[n]));
});

test('with the secret, the served paths answer, and nothing else exists', async () => {
  const { port, gport } = fleet.hub;
  const authorization = basicAuth(SECRET);
  const upgrade = { ...UPGRADE, authorization };
  assert.equal(await ask(port, 'GET', '/v1/client', upgrade), 101);
  assert.equal(await ask(port, 'GET', '/v1/drone', { ...UPGRADE, authorization: `Bearer ${SECRET}` }), 101);
  assert.equal(await ask(port, 'GET', '/v2/client', upgrade), 404);
  assert.equal(await ask(gport, 'GET', '/v1/client', upgrade), 404, 'the git port has no websockets');
  for (const at of [port, gport]) {
    assert.equal(await ask(at, 'GET', '/', { authorization }), 404);
    assert.equal(await ask(at, 'GET', '/app.git/info/refs?service=git-receive-pack', { authorization }), 200);
  }
  assert.equal(await ask(port, 'GET', '/v1/client', { ...upgrade, 'sec-websocket-version': '1' }), 400);
});

test('each wrong secret takes longer to be refused, and the right one never waits, even from the same address', async () => {
  const guess = async (secret: string) => {
    const started = performance.now();
    const status = await ask(fleet.hub.port, 'GET', '/', { authorization: basicAuth(secret) });
    return { status, took: performance.now() - started };
  };
  const guesses = Promise.all(
    ['beepboop', '', `${SECRET}x`, SECRET.slice(1), SECRET.toUpperCase()].map(guess),
  );
  const started = performance.now();
  const right = await guess(SECRET);
  assert.equal(right.status, 404);
  let isWaiting = true;
  void guesses.then(() => {
    isWaiting = false;
  });
  await new Promise((resolve) => setImmediate(resolve));
  assert.ok(isWaiting, 'the right one did not wait for the wrong ones');
  const wrong = await guesses;
  for (const { status } of wrong) assert.equal(status, 401);
  const slowest = Math.max(...wrong.map(({ took }) => took));
  assert.ok(slowest >= 1_600, `the fifth waits for 1.6 s, and this took ${slowest} ms`);
  assert.ok(performance.now() - started >= 1_600);
  const said = lines.filter((line) => line.includes('wrong secret'));
  assert.equal(said.length, 5, 'one line for each');
  for (const line of lines) assert.ok(!line.includes(SECRET) && !line.includes('beepboop'), line);
});

test('a thousand silent or slow connections keep nobody out', async () => {
  const { port, gport } = fleet.hub;
  const sockets = Array.from({ length: 1_500 }, (_, n) => {
    const socket = connect(n % 3 ? port : gport, '127.0.0.1').on('error', () => {});
    if (n % 5 === 0) socket.write('GET /v1/client HTTP/1.1\r\nHo');
    if (n % 7 === 0) socket.once('connect', () => socket.end());
    return socket;
  });
  try {
    await eventually(
      () => sockets.filter(({ destroyed, pending }) => destroyed || !pending).length >= 1_400,
      'they are connected',
    );
    const client = await fleet.connect();
    await client.ps();
    assert.equal(await ask(gport, 'GET', '/', { authorization: basicAuth(SECRET) }), 404);
    await eventually(
      () => sockets.some(({ destroyed }) => destroyed),
      'there is room for so many of one address',
    );
    client.close();
  } finally {
    for (const socket of sockets) socket.destroy();
  }
});

test('a request that is invalid or far too large is answered and ends nothing', async () => {
  const raw = (text: string) =>
    new Promise<string>((resolve) => {
      let answer = '';
      const socket = connect(fleet.hub.port, '127.0.0.1', () => socket.write(text));
      socket.on('data', (chunk) => {
        answer += String(chunk);
      });
      socket.on('error', () => {}).on('close', () => resolve(answer));
    });
  assert.match(await raw('\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'), /^HTTP\/1\.1 400/, 'a TLS hello');
  assert.match(await raw(`GET / HTTP/1.1\r\nX: ${'x'.repeat(100_000)}\r\n\r\n`), /^HTTP\/1\.1 431/);
  assert.match(await raw(`GET /${'x'.repeat(100_000)} HTTP/1.1\r\n\r\n`), /^HTTP\/1\.1 4/);
  assert.match(
    await raw('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n'),
    /^HTTP\/1\.1 400/,
  );
  assert.match(await raw('CONNECT x:1 HTTP/1.1\r\nHost: x\r\n\r\n'), /^$|^HTTP\/1\.1 4/);
  const client = await fleet.connect();
  await client.ps();
  client.close();
});

test('a hub without a secret accepts connections from this machine only', async () => {
  const dir = `${fleet.dir}/open`;
  await assert.rejects(createHub({ dir, port: 0, host: '0.0.0.0' }), {
    code: 'EUSAGE',
    message: /loopback only/,
  });
  const hub = await createHub({ dir, port: 0 });
  try {
    assert.equal(hub.host, '127.0.0.1');
    assert.match(hub.warnings[0] ?? '', /loopback only/);
    const client = await connectClient({ hub: `127.0.0.1:${hub.port}` });
    await client.ps();
    client.close();
  } finally {
    await hub.close();
  }
});

test('a hub exits at once, whoever waits to be authenticated', async () => {
  const dir = `${fleet.dir}/brief`;
  const hub = await createHub({ dir, port: 0, host: '127.0.0.1', secret: SECRET });
  const url = `ws://127.0.0.1:${hub.port}/v1/client`;
  const inside = await RawSocket.open(url, SECRET);
  const silent = connect(hub.port, '127.0.0.1').on('error', () => {});
  await new Promise((resolve) => silent.once('connect', resolve));
  // Nine wrong secrets: the last of them would wait for eight seconds.
  const guesses = Array.from({ length: 9 }, () => RawSocket.open(url, 'wrong').catch(() => 'refused'));
  await guesses[0];
  const started = performance.now();
  await hub.close();
  assert.ok(performance.now() - started < 3_500);
  assert.equal((await inside.ended).code, 1001);
  assert.deepEqual(new Set(await Promise.all(guesses)), new Set(['refused']));
  silent.destroy();
});
