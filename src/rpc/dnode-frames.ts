import type { DnodeMessage } from 'dnode/lib/dnode.js';

// dnode writes to the paths that a message's `links` and `callbacks` name, so a peer could write to
// Object.prototype. No message reaches dnode as it came: this file rebuilds the three that the protocol has.

/** What a peer's first message must be, whatever it said: it offers one function to call and one to reply. */
const METHODS: DnodeMessage = {
  method: 'methods',
  arguments: [{ call: '[Function]', reply: '[Function]' }],
  callbacks: { 0: ['0', 'call'], 1: ['0', 'reply'] },
  links: [],
};

const isId = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

/** A copy of the `methods` message that dnode may read: handling it must not see what another peer's left behind. */
export function methodsMessage(): DnodeMessage {
  return structuredClone(METHODS);
}

/** True where a message is an offer of methods. */
export function offersMethods(message: unknown): boolean {
  return typeof message === 'object' && message !== null && (message as DnodeMessage).method === 'methods';
}

/**
 * A `call` (method 0) or a `reply` (method 1), rebuilt from its arguments: an id, and two strings.
 * Null for everything else: the peer does not speak the protocol.
 */
export function rebuild(message: unknown): DnodeMessage | null {
  if (typeof message !== 'object' || message === null) return null;
  const { method, arguments: given } = message as Partial<DnodeMessage>;
  if ((method !== 0 && method !== 1) || !Array.isArray(given) || given.length !== 3) return null;
  const [id, first, second] = given as unknown[];
  if (!isId(id) || typeof first !== 'string' || typeof second !== 'string') return null;
  return { method, arguments: [id, first, second], callbacks: {}, links: [] };
}
