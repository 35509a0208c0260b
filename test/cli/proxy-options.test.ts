import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Arguments } from '../../src/cli/arguments.ts';
import { parseListen, proxyOptions } from '../../src/cli/proxy-options.ts';
import { fakeIo } from '../fixtures/io.ts';

const options = (values: Record<string, string[]>) =>
  proxyOptions(
    new Arguments('', [], new Map(Object.entries(values))),
    fakeIo({ cwd: '/srv/proxy', env: {} }),
  );

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
});
