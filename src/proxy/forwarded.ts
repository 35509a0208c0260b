import type { IncomingHttpHeaders } from 'node:http';
import { BlockList, isIP } from 'node:net';
import { FleetError } from '../protocol/errors.ts';

/** Whose word about clients is taken: proxies before this one. */
export interface Trusted {
  has(address: string): boolean;
}

/** Parses `10.0.0.0/8`, `2001:db8::/32` or a single address, each. Throws EUSAGE. */
export function trusted(networks: readonly string[]): Trusted {
  // Most proxies trust nobody, and are asked with each request.
  if (networks.length === 0) return { has: () => false };
  const list = new BlockList();
  for (const network of networks) {
    const [, address = '', bits] = /^([0-9a-fA-F:.]+)(?:\/(\d{1,3}))?$/.exec(network) ?? [];
    const family = isIP(address);
    const most = family === 4 ? 32 : 128;
    if (family === 0 || Number(bits ?? most) > most)
      throw new FleetError('EUSAGE', `'${network}' is not a network; write 10.0.0.0/8 or 2001:db8::/32`);
    list.addSubnet(address, Number(bits ?? most), family === 4 ? 'ipv4' : 'ipv6');
  }
  return {
    has: (address) => isIP(address) !== 0 && list.check(address, isIP(address) === 4 ? 'ipv4' : 'ipv6'),
  };
}

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

/** What says who asked, in any spelling that an application may read as it: some take `_` for `-`. */
const CLAIM = /^(x[-_]forwarded([-_].*)?|forwarded|x[-_]real[-_]ip)$/;

/**
 * Replaces what a request says of its origin by what is true, and returns that. What a trusted sender says is taken over,
 * and the sender added to it.
 */
export function setForwarded(headers: IncomingHttpHeaders, sender: Sender, proxies: Trusted): Client {
  const isTrusted = proxies.has(sender.address);
  const said = {
    for: isTrusted ? listOf(headers['x-forwarded-for']) : [],
    proto: isTrusted ? listOf(headers['x-forwarded-proto'])[0] : undefined,
    host: isTrusted ? listOf(headers['x-forwarded-host'])[0] : undefined,
  };
  for (const name of Object.keys(headers)) if (CLAIM.test(name)) delete headers[name];
  const chain = [...said.for, sender.address];
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
