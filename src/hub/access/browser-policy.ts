import type { IncomingHttpHeaders } from 'node:http';
import { isLoopback } from '../../protocol/address.ts';
import type { Exposure } from './bind-policy.ts';
import type { Refusal } from './refusal.ts';

/**
 * Decides which browser requests are refused before authentication: a web page can send requests to any address that
 * its visitor can reach, loopback included. Returns null for a request that may go on.
 */
export function browserRefusal(
  headers: IncomingHttpHeaders,
  { secret, insecure }: Pick<Exposure, 'secret' | 'insecure'>,
): Refusal | null {
  if (isFromPage(headers))
    return { status: 403, message: 'this is a fleet hub: it answers fleet and git, not browsers' };
  if (secret !== undefined || insecure || isLoopback(hostnameOf(headers))) return null;
  return {
    status: 403,
    message:
      'a hub without a secret is reached as localhost or 127.0.0.1 only; start it with --secret, or --insecure',
  };
}

/**
 * Websockets and POSTs from a page carry an Origin. An image or a link that is followed has none, but says where it
 * came from (Fetch Metadata), unless it goes unencrypted to another machine.
 */
function isFromPage(headers: IncomingHttpHeaders): boolean {
  return headers.origin !== undefined || headers['sec-fetch-site'] !== undefined;
}

/**
 * Returns the host name that the request used, without the port. A page whose owner points its own name at 127.0.0.1
 * (DNS rebinding) has the same origin as the hub for a browser, and may send and read; that name gives it away.
 */
function hostnameOf({ host = '' }: IncomingHttpHeaders): string {
  const [, v6, name] = /^(?:\[([^\]]*)\]|([^:]*))(?::\d*)?$/.exec(host.toLowerCase()) ?? [];
  return v6 ?? name ?? '';
}
