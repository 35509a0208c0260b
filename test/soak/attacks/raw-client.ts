import { dial } from '../../../src/rpc/dial.ts';
import type { Peer } from '../../../src/rpc/peer.ts';

/** Connects somebody who speaks the protocol by themselves. */
export async function rawClient(hub: string, secret: string): Promise<Peer> {
  const target = { hub, secret };
  const peer = await dial({ target, role: 'client', timeout: 30_000, pingEvery: 5_000, deadAfter: 600_000 });
  peer.serve(() => null);
  return peer;
}
