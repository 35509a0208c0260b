import assert from 'node:assert/strict';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { test } from 'node:test';
import { canListen, isTaken, listeningPorts, parseListeners } from '../../src/system/listening.ts';

test('only sockets that listen count', () => {
  const text = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1111 1 x 100 0 0 10 0
   1: 0100007F:1F91 0100007F:1F90 01 00000000:00000000 00:00000000 00000000     0        0 2222 1 x 20 4 30 10 -1
   2: 00000000000000000000000001000000:0050 00000000000000000000000000000000:0000 0A 0:0 0:0 0 0 0 3333 1 x
`;
  assert.deepEqual(parseListeners(text), [
    { port: 8080, inode: '1111' },
    { port: 80, inode: '3333' },
  ]);
});

test('a listener on any address is seen', { skip: process.platform !== 'linux' }, async (t) => {
  for (const host of ['127.0.0.1', '0.0.0.0', '::1']) {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, host, resolve));
    t.after(() => server.close());
    assert.ok(listeningPorts().has((server.address() as AddressInfo).port), host);
  }
});

test('a port is taken while somebody listens on it, which an attempt to listen shows, too', async () => {
  for (const host of ['127.0.0.1', '0.0.0.0', '::']) {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, host, resolve));
    const { port } = server.address() as AddressInfo;
    assert.deepEqual([await isTaken(port), await canListen(port)], [true, false], host);
    await new Promise((resolve) => server.close(resolve));
    assert.deepEqual([await isTaken(port), await canListen(port)], [false, true], host);
  }
});
