import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import { refuse, refuseUpgrade } from '../../src/system/http-refusal.ts';

/** A response that notes what is done with it. */
function responding(headersSent: boolean) {
  const done: unknown[] = [];
  const note =
    (what: string) =>
    (...given: unknown[]) =>
      done.push([what, ...given]);
  const response = { headersSent, writeHead: note('head'), end: note('end'), destroy: note('destroy') };
  return { done, response: response as unknown as ServerResponse };
}

test('a refusal is a status and one line; an answer that has begun is cut off, so that nobody takes it for whole', () => {
  const { done, response } = responding(false);
  refuse(response, 503, 'try later');
  assert.deepEqual(done, [
    ['head', 503, { 'Content-Type': 'text/plain; charset=utf-8', Connection: 'close' }],
    ['end', 'try later\n'],
  ]);
  const begun = responding(true);
  refuse(begun.response, 503, 'try later');
  assert.deepEqual(begun.done, [['destroy']]);
});

test('an upgrade is refused in HTTP, and whoever does not hang up is hung up on', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const socket = new PassThrough();
  refuseUpgrade(socket, 403, 'ü');
  assert.equal(
    String(socket.read()),
    'HTTP/1.1 403 Forbidden\r\nConnection: close\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: 3\r\n\r\nü\n',
  );
  socket.emit('error', new Error('reset'));
  assert.equal(socket.destroyed, false);
  t.mock.timers.tick(1_000);
  assert.equal(socket.destroyed, true);
});
