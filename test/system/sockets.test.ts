import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { test } from 'node:test';
import { listeners } from '../../src/system/listening.ts';
import { holderOf, socketsOf } from '../../src/system/sockets.ts';

test('who has a socket is seen by its inode', { skip: process.platform !== 'linux' }, async (t) => {
  const server = createServer().listen(0, '127.0.0.1');
  t.after(() => server.close());
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const inodes = listeners().flatMap((one) => (one.port === port ? [one.inode] : []));
  assert.equal(inodes.length, 1);
  assert.ok(socketsOf(process.pid).includes(inodes[0] ?? ''));
  const name = readFileSync(`/proc/${process.pid}/comm`, 'utf8').trim();
  assert.equal(holderOf(new Set(inodes)), `${name} (pid ${process.pid})`);
});

test('a socket or a process that is not there has nobody', () => {
  assert.equal(holderOf(new Set()), null);
  assert.deepEqual(socketsOf(2 ** 30), []);
});
