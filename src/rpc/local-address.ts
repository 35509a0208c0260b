import { Socket } from 'node:net';
import type { Peer } from './peer.ts';

/** Returns the address of this end of a connection, as others on its network reach it; null if it is over. */
export function localAddressOf({ options: { stream } }: Pick<Peer, 'options'>): string | null {
  const address = stream instanceof Socket ? stream.localAddress : undefined;
  return address?.replace(/^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/i, '') ?? null;
}
