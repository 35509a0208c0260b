import type { Socket } from 'node:net';
import { networkOf } from './throttle.ts';

/** Connections that have not presented a secret yet: per network, and in total. */
const MAX_PER_NETWORK = 1_024;
const MAX_IN_ALL = 8_192;

/**
 * The connections that have not presented a valid secret yet. Their number is limited; one too many closes the one that
 * has waited longest, so that silent connections never keep out those that come with a secret.
 */
export class PendingConnections {
  /** In the order in which they came. */
  private readonly all = new Map<string, { socket: Socket; network: string }>();
  private readonly byNetwork = new Map<string, Set<string>>();

  constructor(
    private readonly maxPerNetwork = MAX_PER_NETWORK,
    private readonly maxInAll = MAX_IN_ALL,
  ) {}

  get size(): number {
    return this.all.size;
  }

  /** Counts a new connection, until it is closed or removed. */
  add(socket: Socket): void {
    if (socket.remoteAddress === undefined) return; // It is closed already.
    const key = keyOf(socket);
    const network = networkOf(socket.remoteAddress);
    const ofNetwork = this.byNetwork.get(network) ?? new Set();
    this.byNetwork.set(network, ofNetwork.add(key));
    this.all.set(key, { socket, network });
    socket.once('close', () => this.forget(key));
    if (ofNetwork.size > this.maxPerNetwork) this.closeFirst(ofNetwork);
    if (this.all.size > this.maxInAll) this.closeFirst(this.all.keys());
  }

  /** Stops counting a connection, which has presented a valid secret. `socket` may be the TLS socket on top of it. */
  remove(socket: Socket): void {
    this.forget(keyOf(socket));
  }

  private closeFirst(keys: Iterable<string>): void {
    const [first = ''] = keys;
    const socket = this.all.get(first)?.socket;
    this.forget(first);
    socket?.destroy();
  }

  private forget(key: string): void {
    const connection = this.all.get(key);
    if (!connection) return;
    this.all.delete(key);
    const ofNetwork = this.byNetwork.get(connection.network);
    ofNetwork?.delete(key);
    if (ofNetwork?.size === 0) this.byNetwork.delete(connection.network);
  }
}

/**
 * Returns a key that is the same for a connection and for the TLS on top of it, and differs between a hub's two ports.
 */
function keyOf(socket: Socket): string {
  return `${socket.remoteAddress} ${socket.remotePort} ${socket.localPort}`;
}
