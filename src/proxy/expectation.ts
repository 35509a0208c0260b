import type { IncomingMessage, ServerResponse } from 'node:http';

/** Those whose clients send the body when they are told to (RFC 9110, 10.1.1). */
const waiting = new WeakSet<IncomingMessage>();

/** Notes that the client waits before it sends the body: a request that is refused does not need it. */
export function expectsContinue(request: IncomingMessage): void {
  waiting.add(request);
}

/** Has a client that waits send the body. */
export function callForBody(request: IncomingMessage, response: ServerResponse): void {
  if (waiting.delete(request)) response.writeContinue();
}
