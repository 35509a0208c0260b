import { BlockList, isIP } from 'node:net';
import { FleetError } from '../protocol/errors.ts';

/** Addresses and networks of addresses. */
export interface Networks {
  has(address: string): boolean;
}

/** Parses `10.0.0.0/8`, `2001:db8::/32` or a single address, each. Throws EUSAGE. */
export function parseNetworks(networks: readonly string[]): Networks {
  // Most have none, and are asked with each request.
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
