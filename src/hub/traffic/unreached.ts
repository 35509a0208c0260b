import { isLoopback } from '../../protocol/address.ts';

/** Returns true if somebody at one of these addresses brings requests, and cannot reach a drone at its own. */
export function isUnreached(address: string | null, viewers: readonly string[]): boolean {
  return viewers.some((viewer) => address === null || (isLoopback(address) && !isLoopback(viewer)));
}
