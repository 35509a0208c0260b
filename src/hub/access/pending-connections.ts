import type { Socket } from 'node:net';
import { guesserOf } from './throttle.ts';

/** Connections that have not shown a secret yet: of one guesser, and of all. */
const PER_GUESSER = 1_024;
const IN_ALL = 8_192;

/**
 * Where a connection waits until it has shown a secret. There is room for so many; when one more comes, the one that
 * has waited longest is sent away: those who only stand around never keep out those who come with a secret.
 */
export class PendingConnections {
  /** In the order in which they came. */
  private readonly all = new Map<string, { socket: Socket; guesser: string }>();
  private readonly byGuesser = new Map<string, Set<string>>();

  constructor(
    private readonly perGuesser = PER_GUESSER,
    private readonly inAll = IN_ALL,
  ) {}

  get size(): number {
    return this.all.size;
  }

  /** A connection has come. */
  enter(socket: Socket): void {
    if (socket.remoteAddress === undefined) return; // It has gone again.
    const key = keyOf(socket);
    const guesser = guesserOf(socket.remoteAddress);
    const mates = this.byGuesser.get(guesser) ?? new Set();
    this.byGuesser.set(guesser, mates.add(key));
    this.all.set(key, { socket, guesser });
    socket.once('close', () => this.leave(key));
    if (mates.size > this.perGuesser) this.sendAway(mates);
    if (this.all.size > this.inAll) this.sendAway(this.all.keys());
  }

  /** It has shown a right secret, and is no longer counted. `socket` may be the TLS one inside the one that entered. */
  admit(socket: Socket): void {
    this.leave(keyOf(socket));
  }

  private sendAway(waiting: Iterable<string>): void {
    for (const first of waiting) {
      const { socket } = this.all.get(first) ?? {};
      this.leave(first);
      socket?.destroy();
      return;
    }
  }

  private leave(key: string): void {
    const one = this.all.get(key);
    if (!one) return;
    this.all.delete(key);
    const mates = this.byGuesser.get(one.guesser);
    mates?.delete(key);
    if (mates?.size === 0) this.byGuesser.delete(one.guesser);
  }
}

/** The same for a connection and for the TLS inside it; the two ports of a hub are told apart. */
function keyOf(socket: Socket): string {
  return `${socket.remoteAddress} ${socket.remotePort} ${socket.localPort}`;
}
