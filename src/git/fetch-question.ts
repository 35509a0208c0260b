import type { IncomingMessage } from 'node:http';

/** The maximum bytes of a request whose answer is cached; a drone's has a few hundred. */
const MAX_KEPT_QUESTION = 64 * 1024;

/** The value of a Git-Protocol header that may go into git's environment. */
export function protocolOf(request: IncomingMessage): string {
  const given = request.headers['git-protocol'];
  return typeof given === 'string' && /^[a-z0-9=:.-]{1,100}$/.test(given) ? given : '';
}

/**
 * Returns true if the answer depends on objects only, and not on the current refs: a fetch in version 2
 * (gitprotocol-v2(5)), without the arguments that name refs or tags.
 */
export function isTimeless(question: Buffer, protocol: string): boolean {
  if (!/(^|:)version=2(:|$)/.test(protocol) || question.length > MAX_KEPT_QUESTION) return false;
  const text = question.toString('latin1');
  // Git itself leaves out the newline that a packet may end with.
  return (
    /^(0011command=fetch|0012command=fetch\n)/.test(text) && !/include-tag|want-ref|deepen-not/.test(text)
  );
}

/** Returns the objects that a fetch wants, in any version of the protocol (gitprotocol-pack(5), gitprotocol-v2(5)). */
export function wantsOf(question: Buffer): string[] {
  return [...question.toString('latin1').matchAll(/[0-9a-f]{4}want ([0-9a-f]{40})/g)].map(
    ([, want = '']) => want,
  );
}
