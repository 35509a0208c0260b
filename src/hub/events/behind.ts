import { MAX_BUFFERED_BYTES } from '../../protocol/limits.ts';
import type { ClientSession } from '../client-session.ts';

/** What may wait for all listeners of one token; with more, whoever has not read all but a little loses output. */
const MAX_OF_TOKEN_BYTES = 16 * 1024 * 1024;
const LITTLE_BYTES = 65_536;

type Listener = Pick<ClientSession, 'unreadBytes'> & { who: Pick<ClientSession['who'], 'name'> };

/** Returns a test for those of the listeners that read too slowly for more output. */
export function behindOf(listeners: Iterable<Listener>): (listener: Listener) => boolean {
  const ofTokens = new Map<string, number>();
  for (const { who, unreadBytes } of listeners)
    ofTokens.set(who.name, (ofTokens.get(who.name) ?? 0) + unreadBytes);
  return ({ who, unreadBytes }) =>
    unreadBytes > MAX_BUFFERED_BYTES ||
    (unreadBytes > LITTLE_BYTES && (ofTokens.get(who.name) ?? 0) > MAX_OF_TOKEN_BYTES);
}
