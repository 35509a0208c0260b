import { Agent } from 'node:http';
import { connect, type Socket } from 'node:net';

/** How long an instance has to accept a connection. */
const CONNECT_WITHIN_MS = 2_000;
/** Shorter than servers wait by default, so that a connection is seldom used in the moment when its server closes it. */
const IDLE_MS = 1_500;
/** How soon the end of a machine, which says nothing, is looked for on a connection that is silent. */
const PROBE_AFTER_MS = 30_000;
const MAX_IDLE = 256;

/** An instance could not be connected to. Nothing of a request was sent, and nothing of its body was read. */
export class Unreachable extends Error {}

/**
 * The connections to one instance, which are kept for the next request. They are made before a request is begun: once it
 * is, a part of its body may be gone, and it could not go to another instance.
 */
export class InstanceAgent extends Agent {
  private next: Socket | null = null;

  constructor(private readonly place: { address: string; port: number }) {
    super({ keepAlive: true, keepAliveMsecs: PROBE_AFTER_MS, maxFreeSockets: MAX_IDLE, timeout: IDLE_MS });
  }

  /** Calls `begin`, which makes a request with this agent at once, when there is a connection. Throws Unreachable. */
  async whenConnected<T>(begin: () => Promise<T>): Promise<T> {
    const isIdle = Object.values(this.freeSockets).some((sockets) =>
      sockets?.some(({ writable }) => writable),
    );
    const socket = isIdle ? null : await this.open();
    this.next = socket;
    const begun = begin();
    // A connection may have become idle in the meantime.
    if (this.next) socket?.destroy();
    this.next = null;
    return begun;
  }

  override createConnection(): Socket {
    const socket = this.next ?? connect({ host: this.place.address, port: this.place.port });
    this.next = null;
    return socket;
  }

  /** Closes what is idle, now and whenever a request ends. */
  retire(): void {
    this.maxFreeSockets = 0;
    const idle = Object.values(this.freeSockets).flatMap((sockets) => sockets ?? []);
    for (const socket of idle) socket.destroy();
  }

  /** Connections are kept again. */
  reinstate(): void {
    this.maxFreeSockets = MAX_IDLE;
  }

  private open(): Promise<Socket> {
    const { address, port } = this.place;
    return new Promise((resolve, reject) => {
      const socket = connect({ host: address, port, noDelay: true });
      const timer = setTimeout(() => socket.destroy(new Error('no answer')), CONNECT_WITHIN_MS);
      const failed = (cause: Error) => {
        clearTimeout(timer);
        reject(new Unreachable(cause.message, { cause }));
      };
      socket.once('error', failed).once('connect', () => {
        clearTimeout(timer);
        socket.off('error', failed);
        resolve(socket);
      });
    });
  }
}
