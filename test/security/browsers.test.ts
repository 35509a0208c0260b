import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { connect, createHub, type Hub } from '../../src/index.ts';
import { basicAuth } from '../../src/protocol/authorization.ts';
import { LocalFleet, SECRET } from '../fixtures/local-fleet.ts';

const fleet = new LocalFleet();
const lines: string[] = [];
let open: Hub;
before(async () => {
  await fleet.startHub();
  open = await createHub({ dir: join(fleet.dir, 'open'), port: 0, log: (line) => lines.push(line) });
});
after(async () => {
  await open?.close();
  await fleet.end();
});

interface Answer {
  /** 101 for an upgrade that is let in. */
  status: number;
  text: string;
  isReadable: boolean;
}

/** One request, exactly as a browser would send it. */
function send(port: number, method: string, path: string, headers: Record<string, string>): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const outgoing = request({ host: '127.0.0.1', port, method, path, headers, agent: false });
    outgoing.on('error', reject).on('upgrade', (_, socket) => {
      socket.destroy();
      resolve({ status: 101, text: '', isReadable: true });
    });
    outgoing.on('response', async (response) => {
      let text = '';
      for await (const chunk of response) text += String(chunk);
      const isReadable = 'access-control-allow-origin' in response.headers;
      resolve({ status: response.statusCode ?? 0, text, isReadable });
    });
    outgoing.end(method === 'POST' ? '0000' : undefined);
  });
}

const UPGRADE = {
  connection: 'Upgrade',
  upgrade: 'websocket',
  'sec-websocket-version': '13',
  'sec-websocket-key': 'AAAAAAAAAAAAAAAAAAAAAA==',
};
const PUSHES = '/evil.git/info/refs?service=git-receive-pack';
const PAGE = 'https://evil.example';

/** What a page can make a browser send: method, path, and headers beside Host. */
const FROM_A_PAGE: [string, string, string, Record<string, string>][] = [
  ['a websocket', 'GET', '/v1/client', { ...UPGRADE, origin: PAGE }],
  ['a websocket of a drone', 'GET', '/v1/drone', { ...UPGRADE, origin: PAGE }],
  ['a websocket from a file or a sandbox', 'GET', '/v1/client', { ...UPGRADE, origin: 'null' }],
  ['a form', 'POST', '/evil.git/git-receive-pack', { origin: PAGE, 'sec-fetch-site': 'cross-site' }],
  ['fetch', 'GET', PUSHES, { origin: PAGE, 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'cors' }],
  ['fetch that may not read', 'GET', PUSHES, { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' }],
  ['an image', 'GET', PUSHES, { 'sec-fetch-site': 'cross-site', 'sec-fetch-dest': 'image' }],
  [
    'a page of another port here',
    'GET',
    PUSHES,
    { 'sec-fetch-site': 'same-site', 'sec-fetch-dest': 'image' },
  ],
  ['a link', 'GET', PUSHES, { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' }],
  ['the question before', 'OPTIONS', PUSHES, { origin: PAGE, 'access-control-request-method': 'POST' }],
];

test('a hub without a secret serves no web page, on either port', async () => {
  for (const port of [open.port, open.gport]) {
    for (const host of [`127.0.0.1:${port}`, `localhost:${port}`]) {
      for (const [what, method, path, headers] of FROM_A_PAGE) {
        const answer = await send(port, method, path, { host, ...headers });
        assert.equal(answer.status, 403, what);
        assert.match(answer.text, /answers fleet and git, not browsers/, what);
        assert.equal(answer.isReadable, false, what);
      }
    }
  }
  assert.equal(existsSync(join(fleet.dir, 'open/repos/evil.git')), false, 'no repository was made');
  assert.match(lines[0] ?? '', /^refused 127\.0\.0\.1: this is a fleet hub/, 'its operator is told');
});

test('a page whose name resolves to this machine is not admitted by that name (DNS rebinding)', async () => {
  for (const port of [open.port, open.gport]) {
    const host = `evil.example:${port}`;
    // To the browser these are of one origin: a GET has no Origin, and in the clear no Fetch Metadata either.
    for (const path of [PUSHES, '/webapp.git/info/refs?service=git-upload-pack', '/']) {
      const answer = await send(port, 'GET', path, { host });
      assert.deepEqual([answer.status, answer.isReadable], [403, false], path);
      assert.match(answer.text, /reached as localhost or 127\.0\.0\.1 only/);
    }
    const socket = await send(port, 'GET', '/v1/client', { ...UPGRADE, host, origin: `http://${host}` });
    assert.equal(socket.status, 403);
    assert.equal((await send(port, 'GET', '/v1/client', { ...UPGRADE, host })).status, 403);
  }
  assert.equal(existsSync(join(fleet.dir, 'open/repos/evil.git')), false, 'no repository was made');
});

test('a page is refused even with the secret, which a browser may remember and add', async () => {
  const { port, gport } = fleet.hub;
  for (const at of [port, gport]) {
    for (const authorization of [
      { authorization: basicAuth(SECRET) },
      { authorization: basicAuth('x') },
      {},
    ]) {
      for (const [what, method, path, headers] of FROM_A_PAGE) {
        const answer = await send(at, method, path, {
          host: 'hub.example.com',
          ...headers,
          ...authorization,
        });
        assert.equal(answer.status, 403, what);
      }
    }
  }
});

test('programs are served as before: by names of loopback without a secret, by any name with one', async () => {
  for (const name of ['127.0.0.1', 'localhost', '[::1]']) {
    const host = `${name}:${open.port}`;
    assert.equal((await send(open.port, 'GET', '/v1/client', { ...UPGRADE, host })).status, 101);
    assert.equal(
      (await send(open.gport, 'GET', '/app.git/info/refs?service=git-receive-pack', { host })).status,
      200,
    );
  }
  const client = await connect({ hub: `localhost:${open.port}` });
  await client.ps();
  client.close();
  const authorization = basicAuth(SECRET);
  const upgrade = { ...UPGRADE, host: 'hub.example.com', authorization };
  assert.equal((await send(fleet.hub.port, 'GET', '/v1/client', upgrade)).status, 101);
});

test('a hub opened with --insecure answers to any name, but to no page', async () => {
  const dir = join(fleet.dir, 'insecure');
  const hub = await createHub({ dir, port: 0, host: '127.0.0.1', insecure: true });
  try {
    const host = 'hub.example.com';
    assert.equal((await send(hub.port, 'GET', '/v1/client', { ...UPGRADE, host })).status, 101);
    assert.equal((await send(hub.port, 'GET', '/v1/client', { ...UPGRADE, host, origin: PAGE })).status, 403);
  } finally {
    await hub.close();
  }
});
