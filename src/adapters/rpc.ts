import Dnode, { type DnodeMessage } from 'dnode/lib/dnode.js';
import type { WebSocket } from 'ws';
import { FleetError, fromWire, messageOf, toWire } from '../protocol/errors.ts';
import { methodsMessage, offersMethods, rebuild } from './dnode-frames.ts';
import { Heartbeat } from './heartbeat.ts';

/** A call from the other side. `params` is parsed JSON that nobody has checked yet; `body` is bulk text. */
export interface Incoming {
  method: string;
  params: unknown;
  body: string;
}

/** What a call gave: a result, and bulk text beside it. */
export interface Answer {
  result: unknown;
  body: string;
}

export interface PeerOptions {
  /** Milliseconds between pings, and until silence means that the peer is gone. */
  pingEvery: number;
  deadAfter: number;
  /** Calls from this peer that may be under way at once; more is a reason to hang up. */
  maxPending: number;
}

interface Pending {
  resolve(answer: Answer): void;
  reject(error: FleetError): void;
  timer: NodeJS.Timeout | undefined;
}

type Functions = {
  call(id: number, method: string, params: string, body: string): void;
  reply(id: number, error: string, result: string, body: string): void;
};

/** An {@link Answer} with a body; a handler that returns anything else answers with that as the result. */
export class WithBody {
  constructor(
    readonly result: unknown,
    readonly body: string,
  ) {}
}

/**
 * One end of a connection: both ends call each other's methods, over dnode, one websocket text frame a message.
 * dnode carries two functions only, `call(id, method, params, body)` and `reply(id, error, result, body)`: a fresh
 * callback for each call would leak in dnode, and slow it down from 140,000 to 18,000 calls a second.
 * A call with id 0 is a notification, and has no reply.
 */
export class Peer {
  /** What arrives before `serve` was called waits for nobody: it is refused. */
  private handler: (incoming: Incoming) => unknown = () => {
    throw new FleetError('EPROTOCOL', 'nothing is served on this connection');
  };
  private readonly dnode: Dnode;
  private remote: Functions | undefined;
  private readonly pending = new Map<number, Pending>();
  private nextId = 1;
  private underWay = 0;
  private reason: FleetError | undefined;
  private readonly heartbeat: Heartbeat;
  /** Settles, and never rejects, when the connection is over. */
  readonly closed: Promise<FleetError>;

  constructor(
    private readonly socket: WebSocket,
    /** The other end's address, for a log line. */
    readonly address: string,
    private readonly options: PeerOptions,
  ) {
    const own: Functions = {
      call: (id, method, params, body) => void this.serveCall(id, method, params, body),
      reply: (id, error, result, body) => this.settle(id, error, result, body),
    };
    this.dnode = new Dnode(own, { weak: false, emit: 'object' });
    this.dnode.on('data', (message: DnodeMessage) => this.send(message));
    this.dnode.on('remote', (remote: Functions) => {
      this.remote = { call: remote.call, reply: remote.reply };
    });
    this.dnode.on('error', (error: unknown) => this.close(1011, messageOf(error)));
    this.dnode.on('fail', (error: unknown) => this.close(1008, messageOf(error)));
    this.heartbeat = new Heartbeat(socket, options.pingEvery, options.deadAfter, () =>
      this.terminate(
        new FleetError('ETIMEOUT', `no sign of life for ${Math.round(options.deadAfter / 1000)} s`),
      ),
    );
    socket.on('message', (frame, binary) => this.receive(frame, binary));
    socket.on('error', (error) =>
      this.terminate(new FleetError('ECLOSED', messageOf(error), { cause: error })),
    );
    this.closed = new Promise((resolve) => {
      socket.once('close', (code, reason) => resolve(this.over(code, reason.toString())));
    });
  }

  /** Resolves once both ends can call; rejects when the connection ends before that. */
  async ready(): Promise<this> {
    if (this.remote) return this;
    await Promise.race([
      new Promise<void>((resolve) => this.dnode.once('remote', () => resolve())),
      this.closed.then((error) => Promise.reject(error)),
    ]);
    return this;
  }

  /** From now on, calls from the other end go to `handler`; what it returns or resolves to is the answer. */
  serve(handler: (incoming: Incoming) => unknown): void {
    this.handler = handler;
  }

  /**
   * Calls a method of the other end. Rejects with the error that it answered, with ECLOSED when the connection ends
   * first, or with ETIMEOUT after `timeout` milliseconds (0: as long as the peer lives).
   */
  call(method: string, params: unknown, timeout = 0, body = ''): Promise<Answer> {
    return new Promise((resolve, reject) => {
      if (this.reason || !this.remote)
        return reject(this.reason ?? new FleetError('ECLOSED', 'not connected'));
      const id = this.nextId++;
      const timer = timeout > 0 ? setTimeout(() => this.expire(id, method, timeout), timeout) : undefined;
      this.pending.set(id, { resolve, reject, timer });
      this.remote.call(id, method, JSON.stringify(params), body);
    });
  }

  /** Tells the other end something that has no answer; silently nothing when the connection is over. */
  notify(method: string, params: unknown, body = ''): void {
    if (!this.reason) this.remote?.call(0, method, JSON.stringify(params), body);
  }

  /** Bytes that wait to be sent. dnode knows no backpressure: who sends much must look here. */
  get buffered(): number {
    return this.socket.bufferedAmount;
  }

  /** Ends the connection in an orderly way, with a reason that the other end can show. */
  close(code = 1000, reason = 'closed'): void {
    this.reason ??= new FleetError('ECLOSED', reason);
    this.socket.close(code, Buffer.from(reason).subarray(0, 120).toString());
    // A peer that never answers the close frame must not keep the socket: ws itself waits 30 s.
    setTimeout(() => this.socket.terminate(), 2000).unref();
  }

  /** Ends the connection at once. */
  terminate(error: FleetError): void {
    this.reason ??= error;
    this.socket.terminate();
  }

  private send(message: DnodeMessage): void {
    if (this.socket.readyState === this.socket.OPEN) this.socket.send(JSON.stringify(message));
  }

  private receive(frame: unknown, binary: boolean): void {
    this.heartbeat.seen();
    if (binary) return this.close(1003, 'text frames only');
    let message: unknown;
    try {
      message = JSON.parse(String(frame));
    } catch {
      return this.close(1007, 'not JSON');
    }
    if (!this.remote) {
      if (!offersMethods(message)) return this.close(1008, 'methods come first');
      return this.dnode.handle(methodsMessage());
    }
    const rebuilt = rebuild(message);
    if (!rebuilt) return this.close(1008, 'neither a call nor a reply');
    this.dnode.handle(rebuilt);
  }

  private async serveCall(id: number, method: string, params: string, body: string): Promise<void> {
    if (++this.underWay > this.options.maxPending) return this.close(1008, 'too many calls at once');
    try {
      const given = await this.handler({ method, params: JSON.parse(params) as unknown, body });
      const { result, body: text } = given instanceof WithBody ? given : { result: given ?? null, body: '' };
      if (id !== 0) this.remote?.reply(id, '', JSON.stringify(result), text);
    } catch (error) {
      if (id !== 0) this.remote?.reply(id, JSON.stringify(toWire(error)), 'null', '');
      else if (error instanceof FleetError && error.code === 'EPROTOCOL') this.close(1008, error.message);
    } finally {
      this.underWay--;
    }
  }

  private settle(id: number, error: string, result: string, body: string): void {
    const pending = this.pending.get(id);
    if (!pending) return; // It has timed out before.
    this.pending.delete(id);
    clearTimeout(pending.timer);
    try {
      if (error !== '') pending.reject(fromWire(JSON.parse(error) as { code: string; message: string }));
      else pending.resolve({ result: JSON.parse(result) as unknown, body });
    } catch {
      pending.reject(new FleetError('EPROTOCOL', 'the answer is not JSON'));
      this.close(1007, 'not JSON');
    }
  }

  private expire(id: number, method: string, timeout: number): void {
    this.pending
      .get(id)
      ?.reject(new FleetError('ETIMEOUT', `no answer to ${method} within ${timeout / 1000} s`));
    this.pending.delete(id);
  }

  private over(code: number, reason: string): FleetError {
    this.heartbeat.stop();
    this.dnode.end();
    const error = this.reason ?? new FleetError('ECLOSED', reason || `the connection was lost (${code})`);
    this.reason = error;
    for (const { reject, timer } of this.pending.values()) {
      clearTimeout(timer);
      reject(error);
    }
    this.pending.clear();
    return error;
  }
}
