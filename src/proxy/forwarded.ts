import type { IncomingHttpHeaders } from 'node:http';
import type { Networks } from '../system/networks.ts';

/** The end of a connection from which a request came. */
export interface Sender {
  address: string;
  isSecure: boolean;
}

export interface Client {
  /** Who asked, as far as it can be known. */
  address: string;
  proto: string;
}

/** What this proxy says. */
const SAID = new Set(['x-forwarded-for', 'x-forwarded-proto', 'x-forwarded-host']);
/** What says who asked, in any spelling that an application may read as it: some take `_` for `-`. */
const CLAIM = /^(x[-_]forwarded([-_].*)?|forwarded|x[-_]real[-_]ip)$/;

/**
 * Replaces what a request says of its origin by what is true, and returns that. What a trusted sender says is taken over,
 * and the sender added to it.
 */
export function setForwarded(headers: IncomingHttpHeaders, sender: Sender, proxies: Networks): Client {
  const isTrusted = proxies.has(sender.address);
  const said = {
    for: isTrusted ? listOf(headers['x-forwarded-for']) : [],
    proto: isTrusted ? listOf(headers['x-forwarded-proto'])[0] : undefined,
    host: isTrusted ? listOf(headers['x-forwarded-host'])[0] : undefined,
  };
  for (const name in headers) if (CLAIM.test(name) && !SAID.has(name)) delete headers[name];
  const chain = isTrusted ? [...said.for, sender.address] : [sender.address];
  const proto = said.proto ?? (sender.isSecure ? 'https' : 'http');
  headers['x-forwarded-for'] = chain.join(', ');
  headers['x-forwarded-proto'] = proto;
  headers['x-forwarded-host'] = said.host ?? headers.host ?? '';
  return { address: chain.findLast((one) => !proxies.has(one)) ?? sender.address, proto };
}

function listOf(header: string | string[] | undefined): string[] {
  return String(header ?? '')
    .split(',')
    .map((one) => one.trim())
    .filter((one) => one !== '');
}

/** Returns an address as people write it: an IPv4 client of a socket for both is `::ffff:10.0.0.1`. */
export function plainAddress(address: string | undefined): string {
  return (address ?? '').replace(/^::ffff:(?=\d+\.)/, '');
}
