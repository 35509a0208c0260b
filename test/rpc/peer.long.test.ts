import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { Peer } from '../../src/rpc/peer.ts';
import { RpcHost } from '../fixtures/rpc-host.ts';

let host: RpcHost;
let client: Peer;
/** The other end of `client`. */
let server: Peer;
before(async () => {
  host = await new RpcHost().start();
  client = await host.dial();
  server = host.peers[0] as Peer;
});
after(async () => {
  client.close();
  await host.end();
});

test('fifty thousand calls leave nothing behind', async () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  server.serve(({ params }) => params);
  const round = async (calls: number) => {
    for (let n = 0; n < calls; n += 100)
      await Promise.all(Array.from({ length: 100 }, () => client.call('echo', n)));
    collect();
    return process.memoryUsage().heapUsed;
  };
  await round(20_000); // What the engine compiles and keeps on the way is there after this.
  const first = await round(10_000);
  // What leaks stays; what is only collected late is gone after a few more.
  const last = Math.min(await round(50_000), await round(10_000));
  assert.ok(last - first < 3_000_000, `the heap grew by ${last - first} bytes`);
});
