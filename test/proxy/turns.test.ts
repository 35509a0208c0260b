import assert from 'node:assert/strict';
import type { RequestListener } from 'node:http';
import { test } from 'node:test';
import { eventually } from '../fixtures/local-fleet.ts';
import { instance, Proxied } from '../fixtures/proxied.ts';

const GET = (path: string) => `GET ${path} HTTP/1.1\nHost: example.com\n\n`;

/** An instance that answers when it is told to. */
function holding() {
  const asked: string[] = [];
  const answers: (() => void)[] = [];
  const listener: RequestListener = (request, response) => {
    asked.push(request.url ?? '');
    response.write('begun ');
    answers.push(() => response.end('done'));
  };
  return { asked, answers, listener };
}

test('of requests that come before the first is answered, the next begins when the one before is over', async (t) => {
  const { asked, answers, listener } = holding();
  const one = await instance(t, '000001', listener);
  const proxied = await Proxied.start(t, [one.endpoint]);
  const answer = proxied.raw(
    `${GET('/a')}${GET('/b')}GET /c HTTP/1.1\nHost: example.com\nConnection: close\n\n`,
  );
  for (const n of [1, 2, 3]) {
    await eventually(() => asked.length === n, `request ${n}`);
    assert.equal((await proxied.ask({ headers: { host: 'other.com' } })).status, 404, 'time goes by');
    assert.equal(asked.length, n);
    answers[n - 1]?.();
  }
  assert.equal((await answer).match(/HTTP\/1\.1 200 OK/g)?.length, 3);
  assert.deepEqual(asked, ['/a', '/b', '/c']);
});

for (const [what, next, status] of [
  ['nonsense', 'nonsense\n\n', '400 Bad Request'],
  ['a CONNECT', 'CONNECT example.com:80 HTTP/1.1\nHost: example.com\n\n', '405 Method Not Allowed'],
] as const)
  test(`${what} behind a request is answered behind the answer to that`, async (t) => {
    const { answers, listener } = holding();
    const one = await instance(t, '000001', listener);
    const proxied = await Proxied.start(t, [one.endpoint]);
    const answer = proxied.raw(`${GET('/a')}${next}`);
    await eventually(() => answers.length === 1, 'the first');
    answers[0]?.();
    assert.match(await answer, new RegExp(`^HTTP/1\\.1 200 OK.*begun .*done.*HTTP/1\\.1 ${status}`, 's'));
  });

test('a request that wants another protocol waits for those before it, too', async (t) => {
  const { asked, answers, listener } = holding();
  const one = await instance(t, '000001', listener);
  const proxied = await Proxied.start(t, [one.endpoint]);
  const upgrade = 'Connection: Upgrade, close\nUpgrade: h2c\n\n';
  const answer = proxied.raw(`${GET('/a')}GET /b HTTP/1.1\nHost: example.com\n${upgrade}`);
  await eventually(() => answers.length === 1, 'the first');
  answers[0]?.();
  await eventually(() => answers.length === 2, 'the second');
  answers[1]?.();
  assert.equal((await answer).match(/HTTP\/1\.1 200 OK/g)?.length, 2);
  assert.deepEqual(asked, ['/a', '/b']);
});

test('what comes behind a request that is the last one reaches nobody', async (t) => {
  const one = await instance(t, '000001', (_, response) => response.end('one'));
  const proxied = await Proxied.start(t, [one.endpoint]);
  await proxied.raw(`GET /a HTTP/1.1\nHost: example.com\nConnection: close\n\n${GET('/b')}`);
  assert.equal(one.requests, 1);
});

test('a client that sends request after request without reading answers is cut off', async (t) => {
  const { asked, listener } = holding();
  const one = await instance(t, '000001', listener);
  const proxied = await Proxied.start(t, [one.endpoint]);
  await proxied.raw(GET('/a').repeat(1_000)).catch(() => {});
  assert.ok(asked.length < 2, `${asked.length} got through`);
});
