import { Agent } from 'node:http';
import { connect, type Socket } from 'node:net';
import { InstanceConnection } from './instance-connection.ts';

/** How long an instance has to accept a connection. */
const CONNECT_WITHIN_MS = 2_000;
/** Shorter than servers wait by default, so that a connection is seldom used in the moment when its server closes it. */
const IDLE_MS = 1_500;
/** How soon the end of a machine, which says nothing, is looked for on a connection that is silent. */
const PROBE_AFTER_MS = 30_000;
const MAX_IDLE = 256;
const LOOK_EVERY_MS = 500;

/** An instance could not be connected to. Nothing of a request was sent, and nothing of its body was read. */
export class Unreachable extends Error {}

/** The connections to one instance, which are kept for the next request. */
export class InstanceConnections {
  private readonly all = new Set<Socket>();
  /** The one that was used last is at the end. */
  private readonly idle: InstanceConnection[] = [];
  private isRetired = false;
  private sweep: NodeJS.Timeout | null = null;

  constructor(private readonly place: { address: string; port: number }) {}

  /** Returns one that is idle; null if none is. */
  takeIdle(): InstanceConnection | null {
    for (let last = this.idle.pop(); last; last = this.idle.pop()) if (last.socket.writable) return last;
    return null;
  }

  /** Makes a connection. Throws Unreachable. */
  async open(): Promise<InstanceConnection> {
    return new InstanceConnection(await this.connect(), this.keep);
  }

  /** Makes a connection that is not for one request after the other. Throws Unreachable. */
  async openAgent(): Promise<OneConnection> {
    return new OneConnection(await this.connect());
  }

  /** It is not wanted any more, or may be used for the next request. */
  readonly keep = (connection: InstanceConnection): void => {
    if (this.isRetired || !connection.socket.writable || this.idle.length >= MAX_IDLE)
      return connection.destroy();
    connection.idleSince = performance.now();
    this.idle.push(connection);
    this.sweep ??= setInterval(() => this.closeOld(), LOOK_EVERY_MS).unref();
  };

  /** Closes what is idle, now and whenever a request ends. */
  retire(): void {
    this.isRetired = true;
    this.closeIdle(this.idle.length);
  }

  /** Connections are kept again. */
  reinstate(): void {
    this.isRetired = false;
  }

  destroy(): void {
    for (const socket of this.all) socket.destroy();
  }

  private closeOld(): void {
    const before = performance.now() - IDLE_MS;
    const young = this.idle.findIndex(({ idleSince }) => idleSince > before);
    this.closeIdle(young === -1 ? this.idle.length : young);
  }

  /** Closes so many of those that were used least recently. */
  private closeIdle(count: number): void {
    for (const connection of this.idle.splice(0, count)) connection.destroy();
    if (this.idle.length > 0 || !this.sweep) return;
    clearInterval(this.sweep);
    this.sweep = null;
  }

  private connect(): Promise<Socket> {
    const { address, port } = this.place;
    const alive = { keepAlive: true, keepAliveInitialDelay: PROBE_AFTER_MS };
    return new Promise((resolve, reject) => {
      const socket = connect({ host: address, port, noDelay: true, ...alive });
      const timer = setTimeout(() => socket.destroy(new Error('no answer')), CONNECT_WITHIN_MS);
      const failed = (cause: Error) => {
        clearTimeout(timer);
        reject(new Unreachable(cause.message, { cause }));
      };
      this.all.add(socket);
      socket.once('close', () => this.all.delete(socket));
      socket.once('error', failed).once('connect', () => {
        clearTimeout(timer);
        socket.off('error', failed);
        resolve(socket);
      });
    });
  }
}

/** What a request of node takes its connection from, which there is already. */
class OneConnection extends Agent {
  constructor(private readonly socket: Socket) {
    super();
    // Whoever takes it listens, but not before that.
    socket.on('error', () => {});
  }

  override createConnection(): Socket {
    return this.socket;
  }

  override destroy(): void {
    this.socket.destroy();
  }
}
