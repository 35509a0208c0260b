import type { DnodeMessage } from 'dnode/lib/dnode.js';

// dnode writes to the paths that a message's `links` and `callbacks` name, so a peer could write to
// Object.prototype. No message reaches dnode as it came: this file rebuilds the three that the protocol has.

/** The only first message that dnode is ever given, whatever the peer sent: it offers `call` and `reply`. */
const METHODS: DnodeMessage = {
  method: 'methods',
  arguments: [{ call: '[Function]', reply: '[Function]' }],
  callbacks: { 0: ['0', 'call'], 1: ['0', 'reply'] },
  links: [],
};

const isId = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

/** Returns a fresh copy of the `methods` message, since dnode modifies what it handles. */
export function methodsMessage(): DnodeMessage {
  return structuredClone(METHODS);
}

/** Returns true if a message offers methods. */
export function offersMethods(message: unknown): boolean {
  return typeof message === 'object' && message !== null && (message as DnodeMessage).method === 'methods';
}

/**
 * Rebuilds a `call` (method 0) or a `reply` (method 1) from its arguments: an id and two strings. Returns null for
 * anything else, since the peer does not speak the protocol.
 */
export function rebuild(message: unknown): DnodeMessage | null {
  if (typeof message !== 'object' || message === null) return null;
  const { method, arguments: given } = message as Partial<DnodeMessage>;
  if ((method !== 0 && method !== 1) || !Array.isArray(given) || given.length !== 3) return null;
  const [id, first, second] = given as unknown[];
  if (!isId(id) || typeof first !== 'string' || typeof second !== 'string') return null;
  return { method, arguments: [id, first, second], callbacks: {}, links: [] };
}
