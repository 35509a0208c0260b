import assert from 'node:assert/strict';
import type { IncomingHttpHeaders } from 'node:http';
import { test } from 'node:test';
import { endToEnd } from '../../src/proxy/hop.ts';

test('headers about one connection are not passed on, nor those that Connection names', () => {
  const headers: IncomingHttpHeaders = {
    connection: 'keep-alive, X-Mine',
    'keep-alive': 'timeout=5',
    'proxy-authorization': 'Basic eA==',
    te: 'trailers',
    upgrade: 'h2c',
    expect: '100-continue',
    'x-mine': '1',
    'x-other': '2',
    'content-length': '3',
  };
  assert.deepEqual(endToEnd(headers), { 'x-other': '2', 'content-length': '3' });
});

test('Connection takes away neither the host nor what frames the body', () => {
  const headers: IncomingHttpHeaders = {
    connection: 'close, Content-Length, transfer-encoding, host',
    'content-length': '3',
    host: 'a',
  };
  assert.deepEqual(endToEnd(headers), { 'content-length': '3', host: 'a' });
});
