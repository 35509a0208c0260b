import assert from 'node:assert/strict';
import type { IncomingMessage } from 'node:http';
import { PassThrough, Readable, Writable } from 'node:stream';
import { buffer, text } from 'node:stream/consumers';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { decoded } from '../../src/git/request-body.ts';

const BODY = '0032want something\n'.repeat(10_000);

/** A request with this body, in pieces. */
function request(body: Buffer, encoding?: string): IncomingMessage {
  const pieces = [body.subarray(0, 10), body.subarray(10)];
  return Object.assign(Readable.from(pieces), {
    headers: encoding === undefined ? {} : { 'content-encoding': encoding },
  }) as unknown as IncomingMessage;
}

for (const [encoding, body] of [
  [undefined, Buffer.from(BODY)],
  ['identity', Buffer.from(BODY)],
  ['gzip', gzipSync(BODY)],
  ['x-gzip', gzipSync(BODY)],
] as const) {
  test(`the body of a request is decoded: ${encoding ?? 'no encoding'}`, async () => {
    assert.equal(await text(decoded(request(body, encoding))), BODY);
  });
}

test('the body is written to the given stream', async () => {
  const into = new PassThrough();
  assert.equal(decoded(request(gzipSync(BODY), 'gzip'), into), into);
  assert.equal(await text(into), BODY);
});

test('an encoding that git does not use is refused at once', () => {
  for (const encoding of ['deflate', 'br', 'gzip, gzip', 'GZIP!'])
    assert.throws(() => decoded(request(Buffer.from(BODY), encoding)), { code: 'EPROTOCOL' }, encoding);
});

for (const [what, body] of [
  ['is cut off', gzipSync(BODY).subarray(0, 40)],
  ['is not what it says', Buffer.from(BODY)],
] as const) {
  test(`a body that ${what} fails for its reader only`, async () => {
    await assert.rejects(buffer(decoded(request(body, 'gzip'))));
    decoded(request(body, 'gzip')).on('error', () => {});
  });
}

test('a reader that stops also stops the request', async () => {
  const from = request(Buffer.from(BODY));
  const into = decoded(from);
  into.pipe(new Writable({ write: (_, __, done) => done() }));
  const closed = new Promise((resolve) => from.once('close', resolve));
  into.destroy();
  await closed;
  assert.ok(from.destroyed);
});
