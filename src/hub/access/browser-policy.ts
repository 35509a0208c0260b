import type { IncomingHttpHeaders } from 'node:http';
import { isLoopback } from '../../protocol/address.ts';
import type { Exposure } from './bind-policy.ts';
import type { Refusal } from './refusal.ts';

/**
 * Decides which requests of browsers are refused before anybody asks who makes them: a page may send requests to every
 * address that its visitor reaches, loopback among them. Null for a request that may go on.
 */
export function browserRefusal(
  headers: IncomingHttpHeaders,
  { secret, insecure }: Pick<Exposure, 'secret' | 'insecure'>,
): Refusal | null {
  if (isFromPage(headers))
    return { status: 403, message: 'this is a hub of fleet: it answers fleet and git, and no browser' };
  if (secret !== undefined || insecure || isLoopback(hostnameOf(headers))) return null;
  return {
    status: 403,
    message:
      'a hub without a secret is reached as localhost or 127.0.0.1 only; give it --secret, or --insecure',
  };
}

/**
 * A websocket and a POST of a page's have an Origin. An image, or a link that is followed, has none, but says how it
 * came about (Fetch Metadata), unless it goes in the clear to another machine.
 */
function isFromPage(headers: IncomingHttpHeaders): boolean {
  return headers.origin !== undefined || headers['sec-fetch-site'] !== undefined;
}

/**
 * The name that a hub was called by, without the port. A page whose owner lets its name lead to 127.0.0.1 (DNS
 * rebinding) is of one origin with the hub for a browser, and may send and read; that name gives it away.
 */
function hostnameOf({ host = '' }: IncomingHttpHeaders): string {
  const [, v6, name] = /^(?:\[([^\]]*)\]|([^:]*))(?::\d*)?$/.exec(host.toLowerCase()) ?? [];
  return v6 ?? name ?? '';
}
