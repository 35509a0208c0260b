import assert from 'node:assert/strict';
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { test } from 'node:test';
import { requestText, trailersText } from '../../src/proxy/request-text.ts';

const message = (method: string, headers: IncomingHttpHeaders, more: Partial<IncomingMessage> = {}) =>
  ({ method, url: '/a?b', headers, rawTrailers: [], ...more }) as IncomingMessage;
const text = (...lines: string[]) => `${lines.join('\r\n')}\r\n\r\n`;

test('a request is sent as it came, over a connection that stays', () => {
  assert.equal(
    requestText(message('GET', { host: 'a', cookie: 'x; y', 'set-cookie': ['1', '2'] })),
    text(
      'GET /a?b HTTP/1.1',
      'host: a',
      'cookie: x; y',
      'set-cookie: 1',
      'set-cookie: 2',
      'connection: keep-alive',
    ),
  );
});

test('one that could have a body says that it has none', () => {
  for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS', 'PROPFIND'])
    assert.match(requestText(message(method, {})), /\r\ncontent-length: 0\r\n/, method);
  for (const method of ['GET', 'HEAD', 'TRACE'])
    assert.doesNotMatch(requestText(message(method, {})), /content-length/, method);
  assert.match(requestText(message('POST', { 'content-length': '3' })), /\r\ncontent-length: 3\r\nconn/);
});

test('a body of unknown length is the last thing on its connection, and only that one has trailers', () => {
  const headers = { 'transfer-encoding': 'chunked', trailer: 'X-Sum' };
  assert.equal(
    requestText(message('POST', headers)),
    text('POST /a?b HTTP/1.1', 'transfer-encoding: chunked', 'trailer: X-Sum', 'connection: close'),
  );
  assert.doesNotMatch(requestText(message('POST', { trailer: 'X-Sum' })), /trailer/);
  const rawTrailers = ['X-Sum', '1', 'Content-Length', '3', 'Host', 'other.com'];
  assert.equal(trailersText(message('POST', headers, { rawTrailers })), 'X-Sum: 1\r\n');
  assert.equal(trailersText(message('POST', {}, { rawTrailers })), '', 'they were not announced');
});

test('a target that could be read as more than that is not sent', () => {
  for (const url of ['/a b', '/a\r\nX: y', '/\u010a', '/\x7f'])
    assert.throws(() => requestText(message('GET', {}, { url })), /characters/);
  assert.match(requestText(message('GET', {}, { url: '/\xe9' })), /^GET \/\xe9 HTTP/);
});
