import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';

/** So many requests may wait on one connection until those before them are answered. */
const MAX_WAITING = 256;

interface Turn {
  request: IncomingMessage;
  response: ServerResponse;
  /** Null if it is the first one, or the one before was over when it came. */
  before: Turn | null;
  waiting: number;
}

/**
 * The requests of each connection, in their order. A client may send some before the first is answered: they are handled
 * one after the other, so that what a request changes is done when the next one begins.
 */
export class Turns {
  private readonly last = new WeakMap<Duplex, Turn>();

  /** Takes a request in. Returns what to wait for until it may be handled; null if it may be at once. Ends a connection that sends too many. */
  take(request: IncomingMessage, response: ServerResponse): Promise<void> | null {
    const { socket } = request;
    const before = this.unfinished(socket);
    const waiting = before ? before.waiting + 1 : 0;
    this.last.set(socket, { request, response, before, waiting });
    if (waiting > MAX_WAITING) socket.destroy();
    return before && over(before);
  }

  /** Resolves when all requests of a connection are over. */
  async done(socket: Duplex): Promise<void> {
    const last = this.unfinished(socket);
    if (last) await over(last);
  }

  /**
   * Resolves when an answer can be written about what could not be read behind the last request, or in its body. Returns
   * false if that is not possible, because the answer to that very request has begun.
   */
  async atFault(socket: Duplex): Promise<boolean> {
    const last = this.unfinished(socket);
    if (!last) return true;
    if (last.request.complete) await over(last);
    else if (last.before) await over(last.before);
    // It may be refused for something else just now.
    else await new Promise(setImmediate);
    return last.request.complete || !last.response.headersSent;
  }

  private unfinished(socket: Duplex): Turn | null {
    const last = this.last.get(socket);
    return last && !isOver(last) ? last : null;
  }
}

const isOver = ({ response }: Turn) => response.writableFinished || response.destroyed;

async function over(turn: Turn): Promise<void> {
  if (!isOver(turn)) await new Promise((resolve) => turn.response.once('close', resolve));
  turn.before = null;
}
