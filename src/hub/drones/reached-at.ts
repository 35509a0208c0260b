import { parseNetworks } from '../../system/networks.ts';

/** Addresses that are another machine for everybody, or none at all (RFC 6890). */
const OWN = parseNetworks(['127.0.0.0/8', '::1', '0.0.0.0/8', '::']);
const LINK = parseNetworks(['169.254.0.0/16', 'fe80::/10', '224.0.0.0/4', 'ff00::/8']);

/**
 * Returns where the instances of a drone are reached that says `address`, and comes from `from`; null if that is nowhere. A
 * drone on another machine has no address of loopback, where whoever believed it would meet services of their own; nor
 * one of a link, unless it comes from such.
 */
export function reachedAt(address: string | null, from: string): string | null {
  if (address === null) return from;
  const plain = address.replace(/%.*$/, '');
  if (OWN.has(plain) || /^localhost\.?$/i.test(plain)) return OWN.has(from) ? from : null;
  return LINK.has(plain) && !LINK.has(from.replace(/%.*$/, '')) ? null : address;
}
