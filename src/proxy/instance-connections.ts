import { Agent } from 'node:http';
import { connect, type Socket } from 'node:net';
import { type Dispatcher, Pool } from 'undici';

/** How long an instance has to accept a connection. */
const CONNECT_WITHIN_MS = 2_000;
/** Shorter than servers wait by default, so that a connection is seldom used in the moment when its server closes it. */
const IDLE_MS = 1_500;
/** So much sooner than an instance says that it would. */
const IDLE_LEEWAY_MS = 500;
/** How soon the end of a machine, which says nothing, is looked for on a connection that is silent. */
const PROBE_AFTER_MS = 30_000;
const MAX_HEAD_BYTES = 65_536;

/** An instance could not be connected to. Nothing of a request was sent, and nothing of its body was read. */
export class Unreachable extends Error {}

/** A request. */
export interface Sent extends Omit<Dispatcher.DispatchOptions, 'body'> {
  body: AsyncIterable<Buffer> | null;
}
/** What is told of it, and of its answer. */
export type Underway = Dispatcher.DispatchHandler;
/** By what a request that is under way is held, and given up. */
export type Reins = Dispatcher.DispatchController;

/** The connections to one instance, which are kept for the next request. */
export class InstanceConnections {
  private readonly all = new Set<Socket>();
  private pool: Pool | null = null;
  private isRetired = false;

  constructor(private readonly place: { address: string; port: number }) {}

  /** Sends a request over a connection that is idle, or a new one. What fails before `onRequestStart` was not sent. */
  dispatch(request: Sent, underway: Underway): void {
    this.pool ??= this.newPool();
    // Its types leave out what its manual has.
    this.pool.dispatch(request as Dispatcher.DispatchOptions, underway);
  }

  /** Makes a connection that is not for one request after the other. Throws Unreachable. */
  async openAgent(): Promise<OneConnection> {
    return new OneConnection(await this.connect());
  }

  /** Closes what is idle, now and whenever a request ends. */
  retire(): void {
    if (!this.isRetired) this.pool?.close(() => {});
    this.isRetired = true;
  }

  /** Connections are kept again. */
  reinstate(): void {
    if (this.isRetired) this.pool = null;
    this.isRetired = false;
  }

  destroy(): void {
    for (const socket of this.all) socket.destroy();
  }

  private newPool(): Pool {
    const { address, port } = this.place;
    const host = address.includes(':') ? `[${address}]` : address;
    return new Pool(`http://${host}:${port}`, {
      connect: (_, done) => {
        this.connect().then(
          (socket) => done(null, socket),
          (error) => done(error, null),
        );
      },
      maxHeaderSize: MAX_HEAD_BYTES,
      // Who sends a request counts the time.
      headersTimeout: 0,
      bodyTimeout: 0,
      keepAliveTimeout: IDLE_MS,
      keepAliveMaxTimeout: IDLE_MS,
      keepAliveTimeoutThreshold: IDLE_LEEWAY_MS,
    });
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
