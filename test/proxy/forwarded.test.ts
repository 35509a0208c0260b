import assert from 'node:assert/strict';
import type { IncomingHttpHeaders } from 'node:http';
import { test } from 'node:test';
import { plainAddress, setForwarded } from '../../src/proxy/forwarded.ts';
import { parseNetworks } from '../../src/system/networks.ts';

const nobody = parseNetworks([]);
const forwarded = (headers: IncomingHttpHeaders) =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => name !== 'host'));

test('a client cannot say who it is, in any spelling', () => {
  const headers: IncomingHttpHeaders = {
    host: 'example.com',
    'x-forwarded-for': '1.1.1.1',
    'x-forwarded-proto': 'https',
    'x-forwarded-host': 'evil.com',
    'x-forwarded-port': '1',
    'x-forwarded-prefix': '/evil',
    x_forwarded_for: '1.1.1.1',
    'x-forwarded_for': '1.1.1.1',
    forwarded: 'for=1.1.1.1',
    'x-real-ip': '1.1.1.1',
    x_real_ip: '1.1.1.1',
  };
  const client = setForwarded(headers, { address: '9.9.9.9', isSecure: false }, nobody);
  assert.deepEqual(client, { address: '9.9.9.9', proto: 'http' });
  assert.deepEqual(forwarded(headers), {
    'x-forwarded-for': '9.9.9.9',
    'x-forwarded-proto': 'http',
    'x-forwarded-host': 'example.com',
  });
});

test('what a trusted proxy says is passed on, with its own address', () => {
  const headers: IncomingHttpHeaders = {
    host: 'inner:8080',
    'x-forwarded-for': '1.1.1.1, 2.2.2.2,10.0.0.9',
    'x-forwarded-proto': 'https',
    'x-forwarded-host': 'example.com',
  };
  const client = setForwarded(
    headers,
    { address: '10.0.0.7', isSecure: false },
    parseNetworks(['10.0.0.0/8']),
  );
  assert.deepEqual(client, { address: '2.2.2.2', proto: 'https' }, 'the last one that is not trusted');
  assert.deepEqual(forwarded(headers), {
    'x-forwarded-for': '1.1.1.1, 2.2.2.2, 10.0.0.9, 10.0.0.7',
    'x-forwarded-proto': 'https',
    'x-forwarded-host': 'example.com',
  });
});

test('a connection with TLS is https', () => {
  const headers: IncomingHttpHeaders = { host: 'a' };
  assert.equal(setForwarded(headers, { address: '1.1.1.1', isSecure: true }, nobody).proto, 'https');
});

test('addresses are plain', () => {
  assert.equal(plainAddress('::ffff:10.0.0.1'), '10.0.0.1');
  assert.equal(plainAddress('2001:db8::5'), '2001:db8::5');
});
