import assert from 'node:assert/strict';
import { createServer, type IncomingHttpHeaders, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';
import type { Principal } from '../../src/hub/access/principal.ts';
import type { Refusal } from '../../src/hub/access/refusal.ts';
import type { Route, UpgradeRoute } from '../../src/hub/route.ts';
import { Router } from '../../src/hub/router.ts';
import { type ErrorCode, FleetError } from '../../src/protocol/errors.ts';
import { tokenWith } from '../fixtures/principal.ts';

let asked = 0;
let verdict: Principal | Refusal | Promise<never>;
const refusals: string[] = [];
const lines: string[] = [];
const routes: Route[] = [
  {
    method: 'GET',
    path: /^\/hello\/(?<word>\w+)$/,
    rights: ['read'],
    serve: ({ who, params, response }) => void response.end(`${who.name} says ${params['word']}`),
  },
  {
    method: 'POST',
    path: /^\/fail\/(?<code>\w+)$/,
    rights: [],
    serve: async ({ params }) => {
      const code = params['code'] as ErrorCode;
      throw code.startsWith('E') ? new FleetError(code, 'no luck') : new TypeError('oops');
    },
  },
];
const upgrades: UpgradeRoute[] = [
  {
    path: /^\/raw$/,
    rights: ['drone'],
    accept: ({ socket, head }) =>
      void socket.end(`HTTP/1.1 101 OK\r\nConnection: Upgrade\r\n\r\n${head.length}`),
  },
];
const router = new Router({
  addressOf: () => '127.0.0.1',
  screen: ({ 'x-screened': screened }) => (screened ? { status: 403, message: 'not you' } : null),
  authenticator: {
    authenticate: async () => {
      asked++;
      return verdict;
    },
  },
  hold: () => () => {},
  forbidden: () => {},
  routes,
  upgrades,
  refusals: { add: (line) => refusals.push(line) },
  log: (line) => lines.push(line),
});
const server = createServer(router.handle).on('upgrade', router.upgrade);

before(() => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve)));
after(() => {
  server.close();
  server.closeAllConnections();
});

interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  text: string;
}

function ask(method: string, path: string, headers: Record<string, string> = {}): Promise<Answer> {
  const { port } = server.address() as AddressInfo;
  return new Promise((resolve, reject) => {
    const outgoing = request({ host: '127.0.0.1', port, method, path, headers, agent: false });
    outgoing.on('error', reject).on('upgrade', ({ statusCode = 0, headers }, socket) => {
      socket.destroy();
      resolve({ status: statusCode, headers, text: '' });
    });
    outgoing.on('response', async (response) => {
      let text = '';
      for await (const chunk of response) text += String(chunk);
      resolve({ status: response.statusCode ?? 0, headers: response.headers, text });
    });
    outgoing.end();
  });
}

const UPGRADE = { connection: 'Upgrade', upgrade: 'raw' };

test('an authorized request reaches its route, with the caller and the parts of its path', async () => {
  verdict = tokenWith(['read']);
  assert.equal((await ask('GET', '/hello/you')).text, 'ci says you');
});

test('each refusal has its status and one line, and nothing behind the router sees the request', async () => {
  verdict = { status: 401, message: 'wrong secret', headers: { 'WWW-Authenticate': 'Basic realm="fleet"' } };
  const unknown = await ask('GET', '/hello/you');
  assert.deepEqual([unknown.status, unknown.text], [401, 'wrong secret\n']);
  assert.equal(unknown.headers['www-authenticate'], 'Basic realm="fleet"');
  assert.equal(unknown.headers.connection, 'close');
  assert.equal((await ask('GET', '/raw', UPGRADE)).text, 'wrong secret\n');
  verdict = { status: 429, message: 'later' };
  const many = await ask('GET', '/nothing');
  assert.deepEqual([many.status, many.text, many.headers['www-authenticate']], [429, 'later\n', undefined]);
  assert.deepEqual(refusals, [], 'the authenticator has its own words for those');
  verdict = tokenWith(['exec']);
  assert.equal((await ask('GET', '/nothing')).status, 404);
  const wrong = await ask('PUT', '/fail/EIO');
  assert.deepEqual([wrong.status, wrong.headers.allow], [405, 'POST']);
});

test('a screened-off request is refused and logged before it is authenticated', async () => {
  verdict = tokenWith(['read', 'drone']);
  refusals.length = asked = 0;
  for (const headers of [{}, UPGRADE]) {
    const answer = await ask('GET', '/hello/you', { 'x-screened': 'yes', ...headers });
    assert.deepEqual([answer.status, answer.text], [403, 'not you\n']);
  }
  assert.equal(asked, 0);
  assert.deepEqual(refusals, Array(2).fill('refused 127.0.0.1: not you'));
});

test('a missing right is refused, and logged with the address', async () => {
  verdict = tokenWith(['exec']);
  refusals.length = 0;
  const why = "the token 'ci' lacks the right";
  assert.match((await ask('GET', '/hello/you')).text, new RegExp(`^${why} 'read'`));
  const upgrade = await ask('GET', '/raw', UPGRADE);
  assert.deepEqual([upgrade.status, upgrade.headers.connection], [403, 'close']);
  assert.equal(refusals.length, 2);
  for (const line of refusals) assert.match(line, new RegExp(`^refused 127\\.0\\.0\\.1: ${why}`));
});

test('an upgrade reaches its own route, and a request without one does not', async () => {
  verdict = tokenWith(['drone']);
  assert.equal((await ask('GET', '/raw', UPGRADE)).status, 101);
  assert.equal((await ask('GET', '/raw')).status, 404);
  const other = await ask('GET', '/hello/you', UPGRADE);
  assert.deepEqual([other.status, other.text], [404, 'this hub speaks version 1 of the protocol only\n']);
});

test('a route that fails is answered with the status of its error, and logged', async () => {
  verdict = tokenWith([]);
  lines.length = 0;
  const table: [string, number][] = [
    ['EPROTOCOL', 400],
    ['ENOREPO', 404],
    ['ELIMIT', 413],
    ['EIO', 507],
    ['EGIT', 500],
    ['TypeError', 500],
  ];
  for (const [code, status] of table) assert.equal((await ask('POST', `/fail/${code}`)).status, status, code);
  assert.equal(lines.length, table.length);
  assert.equal(lines[0], 'POST /fail/EPROTOCOL: no luck');
});

test('an upgrade that waits for authentication ends with the router', async () => {
  let isHere = () => {};
  const isAsked = new Promise<void>((resolve) => {
    isHere = resolve;
  });
  verdict = new Promise<never>(() => {});
  const waiting = new Router({
    screen: () => null,
    addressOf: () => '127.0.0.1',
    hold: () => () => {},
    forbidden: () => {},
    authenticator: {
      authenticate: () => {
        isHere();
        return verdict as Promise<never>;
      },
    },
    routes,
    upgrades,
    refusals: { add: () => {} },
    log: () => {},
  });
  server.off('upgrade', router.upgrade).on('upgrade', waiting.upgrade);
  try {
    const answer = ask('GET', '/raw', UPGRADE);
    await isAsked;
    waiting.close();
    await assert.rejects(answer, { code: 'ECONNRESET' });
  } finally {
    server.off('upgrade', waiting.upgrade).on('upgrade', router.upgrade);
  }
});
