import type { ClientRequest, IncomingMessage } from 'node:http';

/** A request's body is larger than this proxy takes. */
export class BodyTooLarge extends Error {}

/** How long a client that was refused may go on sending, so that it comes to read why. */
const SENDS_ON_MS = 5_000;

/** Returns true if a request says itself that its body is larger. */
export function isTooLarge({ headers }: Pick<IncomingMessage, 'headers'>, maxBodyBytes: number): boolean {
  return Number(headers['content-length'] ?? 0) > maxBodyBytes;
}

/** Ends what is sent to an instance when a body of unknown length becomes larger. */
export function limitBody(sent: ClientRequest, request: IncomingMessage, maxBodyBytes: number): void {
  if (request.headers['transfer-encoding'] === undefined || maxBodyBytes === Number.POSITIVE_INFINITY) return;
  let bytes = 0;
  request.on('data', (piece: Buffer) => {
    bytes += piece.length;
    if (bytes > maxBodyBytes && !sent.destroyed) sent.destroy(new BodyTooLarge('the body is too large'));
  });
}

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
