import type { IncomingMessage } from 'node:http';

/** A request's body is larger than this proxy takes. */
export class BodyTooLarge extends Error {}

/** How long a client that was refused may go on sending, so that it comes to read why. */
const SENDS_ON_MS = 5_000;

/**
 * Takes what is left of a body that was refused, and forgets it. A connection that is closed at once is reset, and a client
 * that still sends would not read the answer.
 */
export function takeRest(request: IncomingMessage): void {
  const { socket } = request;
  request.resume();
  const timer = setTimeout(() => socket.destroy(), SENDS_ON_MS).unref();
  request.once('end', () => clearTimeout(timer));
}
