import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { type TestContext, test } from 'node:test';
import { instance, Proxied } from '../fixtures/proxied.ts';

const MAX = 100_000;

/** An instance that answers with the length of the body, behind a proxy with a limit. */
async function limited(t: TestContext) {
  const one = await instance(t, '000001', (asked, response) => {
    let bytes = 0;
    asked.on('data', (piece: Buffer) => {
      bytes += piece.length;
    });
    asked.on('end', () => response.end(String(bytes))).on('error', () => {});
  });
  return { one, proxied: await Proxied.start(t, [one.endpoint], { maxBodyBytes: MAX }) };
}

function post({ port }: Proxied, headers: Record<string, string>) {
  return request({ port, host: '127.0.0.1', method: 'POST', headers: { host: 'example.com', ...headers } });
}

test('a body up to the limit goes through, of known length or not', async (t) => {
  const { proxied } = await limited(t);
  assert.equal((await proxied.ask({ method: 'POST', body: Buffer.alloc(MAX) })).body, String(MAX));
  const chunked = post(proxied, { 'transfer-encoding': 'chunked' }).end(Buffer.alloc(MAX));
  const [answer] = (await once(chunked, 'response')) as [IncomingMessage];
  assert.equal((await answer.toArray()).join(''), String(MAX));
});

test('a larger one is refused before an instance hears of it, and the client can read that while it sends', async (t) => {
  const { one, proxied } = await limited(t);
  const answer = await proxied.ask({ method: 'POST', body: Buffer.alloc(50 * MAX) });
  assert.deepEqual([answer.status, answer.body], [413, '413 Payload Too Large\n']);
  assert.equal(one.requests, 0);
});

test('a client that asks first is told before it sends anything', async (t) => {
  const { one, proxied } = await limited(t);
  const sent = post(proxied, { expect: '100-continue', 'content-length': String(MAX + 1) });
  sent.on('continue', () => assert.fail('it may not go on'));
  sent.flushHeaders();
  const [{ statusCode }] = (await once(sent, 'response')) as [IncomingMessage];
  sent.destroy();
  assert.equal(statusCode, 413);
  assert.equal(one.requests, 0);
  const small = post(proxied, { expect: '100-continue', 'content-length': '2' });
  small.once('continue', () => small.end('ok'));
  small.flushHeaders();
  assert.equal(((await once(small, 'response')) as [IncomingMessage])[0].statusCode, 200);
});

test('a client that asks first is told to go on by nobody if its request is refused for another reason', async (t) => {
  const { proxied } = await limited(t);
  const sent = post(proxied, { host: 'nobody.example.com', expect: '100-continue', 'content-length': '2' });
  sent.on('continue', () => assert.fail('it may not go on'));
  sent.flushHeaders();
  const [{ statusCode }] = (await once(sent, 'response')) as [IncomingMessage];
  sent.destroy();
  assert.equal(statusCode, 404);
});

test('one of unknown length is refused when it becomes larger', async (t) => {
  const { proxied } = await limited(t);
  const sent = post(proxied, { 'transfer-encoding': 'chunked' });
  sent.write(Buffer.alloc(MAX));
  sent.end(Buffer.alloc(50 * MAX));
  const [answer] = (await once(sent, 'response')) as [IncomingMessage];
  assert.equal(answer.statusCode, 413);
  answer.resume();
  if (!sent.writableFinished) await once(sent, 'finish');
  await eventuallyLogged(proxied);
});

async function eventuallyLogged({ accesses }: Proxied): Promise<void> {
  while (accesses.length === 0) await new Promise(setImmediate);
  assert.deepEqual(
    accesses.map(({ status, tries }) => [status, tries]),
    [[413, 1]],
  );
}
