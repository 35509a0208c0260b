import assert from 'node:assert/strict';
import type { IncomingMessage } from 'node:http';
import { test } from 'node:test';
import { answerHeaders, trailerPairs } from '../../src/proxy/answer-headers.ts';

const asked = (more: Partial<IncomingMessage> = {}) =>
  ({ method: 'GET', httpVersion: '1.1', ...more }) as IncomingMessage;
const head = (rawHeaders: string[], connection = '', status = 200) => ({
  status,
  reason: 'OK',
  rawHeaders,
  connection,
});

test('a client gets the headers of an answer, without those about the connection to the instance', () => {
  const raw = [
    'Set-Cookie',
    'a',
    'Set-Cookie',
    'b',
    'Connection',
    'close, X-Mine',
    'X-Mine',
    '1',
    'Content-Length',
    '2',
  ];
  assert.deepEqual(answerHeaders(head([...raw, 'Keep-Alive', 'timeout=5'], 'close, x-mine,'), asked()), [
    ...['Set-Cookie', 'a', 'Set-Cookie', 'b'],
    ...['Content-Length', '2'],
  ]);
});

test('trailers are announced where there can be some', () => {
  const chunked = head(['Transfer-Encoding', 'chunked', 'Trailer', 'X-Sum']);
  assert.deepEqual(answerHeaders(chunked, asked()), ['Trailer', 'X-Sum']);
  assert.deepEqual(answerHeaders(head(['Trailer', 'X-Sum']), asked()), []);
  assert.deepEqual(answerHeaders(chunked, asked({ method: 'HEAD' })), []);
  assert.deepEqual(answerHeaders(chunked, asked({ httpVersion: '1.0' })), []);
  assert.deepEqual(answerHeaders({ ...chunked, status: 304 }, asked()), []);
});

test('trailers cannot frame a body', () => {
  assert.deepEqual(trailerPairs(['X-Sum', '1', 'Content-Length', '3', 'X-Sum', '2']), [
    ['X-Sum', '1'],
    ['X-Sum', '2'],
  ]);
});
