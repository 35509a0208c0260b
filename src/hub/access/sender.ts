import type { IncomingHttpHeaders } from 'node:http';
import { isIP } from 'node:net';
import type { Networks } from '../../system/networks.ts';
import { plainAddress } from './principal.ts';

/** What tells where a request comes from. */
export interface SentRequest {
  headers: IncomingHttpHeaders;
  socket: { remoteAddress?: string | undefined };
}

/**
 * Returns the address that a request comes from: that of its connection or, if that is one of these proxies, the last one in
 * X-Forwarded-For that is not. What is in front of it can be invented by whoever sends the request.
 */
export function senderOf({ socket, headers }: SentRequest, proxies: Networks): string {
  let address = plainAddress(socket.remoteAddress);
  const named = String(headers['x-forwarded-for'] ?? '').split(',');
  while (proxies.has(address)) {
    const before = plainAddress(named.pop()?.trim());
    if (isIP(before) === 0) break;
    address = before;
  }
  return address;
}
