import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isReachable } from '../../src/rpc/reachable.ts';
import { tcpServer } from '../fixtures/rpc-host.ts';

test('a hub is there if something takes connections at its address', async () => {
  const { signal } = new AbortController();
  const server = await tcpServer(() => {});
  assert.equal(await isReachable(server.address, signal), true);
  server.end();
  assert.equal(await isReachable(server.address, signal), false);
});

test('a look that is not needed any more ends', async () => {
  const over = new AbortController();
  const look = isReachable('192.0.2.1:1', over.signal);
  over.abort();
  assert.equal(await look, false);
});
