import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Arguments } from '../../src/cli/arguments.ts';
import { authorityOptions, parseListen, proxyOptions } from '../../src/cli/proxy-options.ts';
import { fakeIo } from '../fixtures/io.ts';

const given = (values: Record<string, string[]>) => new Arguments('', [], new Map(Object.entries(values)));
const io = fakeIo({ cwd: '/srv/proxy', env: {} });
const options = (values: Record<string, string[]>) => proxyOptions(given(values), io);
const authority = (values: Record<string, string[]>) => authorityOptions(given(values), io);

test('an address has a port, and may have a host', () => {
  for (const [text, host, port] of [
    [':80', undefined, 80],
    ['8080', undefined, 8080],
    ['127.0.0.1:0', '127.0.0.1', 0],
    ['[::1]:80', '::1', 80],
    ['localhost:80', 'localhost', 80],
  ] as const)
    assert.deepEqual(parseListen(text, 'listen'), { host, port });
  for (const text of ['', 'a', ':', '::1:80', ':99999', 'a b:80', 'http://a:80'])
    assert.throws(() => parseListen(text, 'listen'), { code: 'EUSAGE' }, text);
});

test('an instance has some time for its answer', () => {
  assert.equal(options({ 'answer-within': ['500ms'] }).answerWithinMs, 500);
  for (const text of ['0', '0s', '0.0001ms'])
    assert.throws(() => options({ 'answer-within': [text] }), { code: 'EUSAGE' }, text);
});

test('each certificate has its key, and both are relative to the directory', () => {
  assert.deepEqual(options({ tls: [':443'], cert: ['a.pem', '/b.pem'], key: ['a.key', '/b.key'] }).tls, {
    listen: { host: undefined, port: 443 },
    certificates: [
      { cert: '/srv/proxy/a.pem', key: '/srv/proxy/a.key' },
      { cert: '/b.pem', key: '/b.key' },
    ],
  });
  assert.equal(options({}).tls, undefined);
  for (const wrong of [
    { tls: [':443'] },
    { cert: ['a'], key: ['b'] },
    { tls: [':443'], cert: ['a', 'b'], key: ['a'] },
  ])
    assert.throws(() => options(wrong), { code: 'EUSAGE' });
});

test('without options it listens on port 80, and trusts nobody', () => {
  const { listen, trusted, answerWithinMs } = options({});
  assert.deepEqual([listen.port, trusted, answerWithinMs], [80, [], undefined]);
  assert.equal(options({ 'answer-within': ['2m'] }).answerWithinMs, 120_000);
  assert.equal(options({ 'max-body': ['64M'] }).maxBodyBytes, 64 * 1024 * 1024);
});

test('--acme listens with TLS, and takes certificates from files beside it', () => {
  assert.deepEqual(options({ acme: ['a@b.org'] }).tls, {
    listen: { host: undefined, port: 443 },
    certificates: [],
  });
  const { tls } = options({ acme: ['a@b.org'], tls: [':8443'], cert: ['a'], key: ['b'] });
  assert.deepEqual([tls?.listen.port, tls?.certificates.length], [8443, 1]);
});

test('certificates are ordered where the options say, at Let’s Encrypt by default', () => {
  assert.equal(authority({}), null);
  assert.deepEqual(authority({ acme: ['a@b.org'] }), {
    email: 'a@b.org',
    directory: 'https://acme-v02.api.letsencrypt.org/directory',
    ca: undefined,
  });
  const own = { acme: ['a@b.org'], 'acme-directory': ['https://ca:14000/dir'], 'acme-ca': ['ca.pem'] };
  assert.deepEqual(authority(own), {
    email: 'a@b.org',
    directory: 'https://ca:14000/dir',
    ca: '/srv/proxy/ca.pem',
  });
  for (const wrong of [
    { acme: ['somebody'] },
    { 'acme-ca': ['ca.pem'] },
    { acme: ['a@b.org'], 'acme-directory': ['http://ca/dir'] },
  ])
    assert.throws(() => authority(wrong), { code: 'EUSAGE' });
});
