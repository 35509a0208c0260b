import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseServers } from '../../src/cli/nats-servers.ts';

test('servers are listed as NATS lists them: a scheme may stand once, a port may be missing', () => {
  const cases: [string, string[]][] = [
    ['nats://a,b:5,c', ['nats://a:4222', 'nats://b:5', 'nats://c:4222']],
    ['10.0.0.1', ['nats://10.0.0.1:4222']],
    ['tls://a, tls://b:80', ['tls://a:4222', 'tls://b:80']],
    ['nats://[::1]:4223', ['nats://[::1]:4223']],
  ];
  for (const [text, servers] of cases) assert.deepEqual(parseServers(text), servers);
});

test('anything else is refused in a line', () => {
  for (const text of ['', 'nats://', 'a,,b', 'http://a', 'a/b', 'a?b', 'a:x', 'nats://u:p@a'])
    assert.throws(() => parseServers(text), { code: 'EUSAGE' }, text);
});
