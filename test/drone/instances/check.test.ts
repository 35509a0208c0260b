import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { check, connectionText } from '../../../src/drone/instances/check.ts';
import type { HealthCheck } from '../../../src/protocol/instance.ts';
import { startTime } from '../../../src/system/procfs.ts';

import { eventually } from '../../fixtures/local-fleet.ts';
import { readPid } from '../../fixtures/pid-file.ts';
import { temporaryFolder } from '../../fixtures/temporary-folder.ts';

const CHECK: HealthCheck = {
  ...{ path: null, host: 'example.com', command: null },
  ...{ intervalMs: 1000, timeoutMs: 5000, withinMs: 30_000, restartAfterMs: null },
};
const surroundings = {
  ...{ cwd: '/', env: { PATH: process.env['PATH'] }, user: null },
  signal: new AbortController().signal,
};

/** A server that answers `/NUMBER` with that status, redirects, and notes the headers that it got. */
async function serve(
  t: TestContext,
): Promise<{ port: number; headers: NodeJS.Dict<string | string[]>[]; server: Server }> {
  const headers: NodeJS.Dict<string | string[]>[] = [];
  const server = createServer((request, response) => {
    headers.push(request.headers);
    if (request.url === '/silent') return;
    const status = Number(request.url?.slice(1));
    response.writeHead(status, status === 302 ? { Location: '/500' } : {}).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return { port: (server.address() as AddressInfo).port, headers, server };
}

test('a port that accepts connections is healthy, and one that nobody listens on is not', async (t) => {
  const { port, server } = await serve(t);
  assert.equal(await check({ port, health: CHECK, ...surroundings }), null);
  await new Promise((resolve) => server.close(resolve));
  assert.equal(await check({ port, health: CHECK, ...surroundings }), `nothing listens on :${port}`);
});

test('a path is healthy if it answers 200 to 399; redirects are not followed', async (t) => {
  const { port, headers } = await serve(t);
  const outcomes: [string, string | null][] = [
    ['/200', null],
    ['/302', null],
    ['/399', null],
    ['/404', 'GET /404 answered 404'],
    ['/500', 'GET /500 answered 500'],
  ];
  for (const [path, why] of outcomes)
    assert.equal(await check({ port, health: { ...CHECK, path }, ...surroundings }), why, path);
  assert.equal(headers.length, outcomes.length, 'no redirect was followed');
  const { host, 'user-agent': agent, 'x-forwarded-proto': proto } = headers[0] ?? {};
  assert.deepEqual([host, agent, proto], ['example.com', 'fleet-health', 'https']);
});

test('an answer that takes too long is none', async (t) => {
  const { port } = await serve(t);
  const health = { ...CHECK, path: '/silent', timeoutMs: 200 };
  assert.equal(await check({ port, health, ...surroundings }), 'GET /silent was not answered within 0.2s');
});

test('a command is healthy if it exits with 0, and ends if it takes too long', async (t) => {
  const { port } = await serve(t);
  const outcome = (line: string, timeoutMs = 5000) =>
    check({ port, health: { ...CHECK, command: ['sh', '-c', line], timeoutMs }, ...surroundings });
  assert.equal(await outcome('true'), null);
  assert.equal(await outcome('exit 3'), 'the check exited with code 3');
  assert.equal(await outcome('kill -9 $$'), 'the check was ended by SIGKILL');
  assert.equal(await outcome('sleep 60 & wait', 200), 'the check took longer than 0.2s');
  const missing = { ...CHECK, command: ['no-such-program'] };
  assert.match((await check({ port, health: missing, ...surroundings })) ?? '', /could not be started/);
});

test('what cannot be asked is a reason, and not an error', async (t) => {
  const { port } = await serve(t);
  const impossible: Partial<HealthCheck>[] = [
    { path: '/a b' },
    { path: '/200', host: 'a\nb' },
    { command: [''] },
    { command: ['true', 'x'.repeat(1 << 20)] },
  ];
  for (const more of impossible)
    assert.match(
      (await check({ port, health: { ...CHECK, ...more }, ...surroundings })) ?? '',
      /^could not be checked: ./,
      JSON.stringify(more).slice(0, 50),
    );
});

test('why a port cannot be connected to is said', () => {
  const error = (code: string, message: string) => Object.assign(new Error(message), { code });
  const refused = error('ECONNREFUSED', 'connect ECONNREFUSED 127.0.0.1:80');
  const missing = error('ENOTFOUND', 'getaddrinfo ENOTFOUND localhost');
  const both = Object.assign(new AggregateError([missing, refused]), { code: 'ENOTFOUND' });
  assert.equal(connectionText(80, refused), 'nothing listens on :80');
  assert.equal(connectionText(80, missing), `:80 cannot be connected to: ${missing.message}`);
  assert.equal(connectionText(80, both), `:80 cannot be connected to: ${missing.message}`);
});

test('a command runs as the user of the instance', {
  skip: process.getuid?.() === 0 ? false : 'needs root',
}, async (t) => {
  const { port } = await serve(t);
  const health = { ...CHECK, command: ['sh', '-c', 'test "$(id -un)" = nobody'] };
  assert.equal(await check({ port, health, ...surroundings, user: 'nobody' }), null);
  assert.match((await check({ port, health, ...surroundings, user: 'no-such-user' })) ?? '', /no user/);
});

test('a command ends when nobody waits for its outcome', async (t) => {
  const { port } = await serve(t);
  const dir = temporaryFolder(t);
  const health = { ...CHECK, command: ['sh', '-c', 'echo $$ > pid; exec sleep 300'] };
  const waiting = new AbortController();
  const outcome = check({ port, health, ...surroundings, cwd: dir, signal: waiting.signal });
  const pid = await eventually(() => readPid(join(dir, 'pid')), 'the command runs');
  waiting.abort();
  assert.equal(await outcome, 'is not checked any more');
  await eventually(() => startTime(pid) === null, 'it has ended');
});
