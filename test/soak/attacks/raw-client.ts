import type { HubTarget } from '../../../src/protocol/address.ts';
import { dial } from '../../../src/rpc/dial.ts';
import type { Peer } from '../../../src/rpc/peer.ts';

/** Connects somebody who speaks the protocol by themselves. */
export async function rawClient(
  hub: string,
  secret: string,
  pin: Pick<HubTarget, 'fingerprint'> = {},
): Promise<Peer> {
  const target = { hub, secret, ...pin };
  const peer = await dial({ target, role: 'client', timeout: 30_000, pingEvery: 5_000, deadAfter: 600_000 });
  peer.serve(() => null);
  return peer;
}
