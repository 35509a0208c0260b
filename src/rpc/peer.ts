import Dnode, { type DnodeMessage } from 'dnode/lib/dnode.js';
import type { WebSocket } from 'ws';
import { FleetError, messageOf, toWire } from '../protocol/errors.ts';
import type { PeerFeatures } from '../protocol/features.ts';
import { Answered } from './answered.ts';
import { methodsMessage, offersMethods, rebuild } from './dnode-frames.ts';
import { EMPTY } from './frames.ts';
import { type Incoming, incoming } from './incoming.ts';
import { sentReply } from './long-answer.ts';
import { MessageSocket, type MessageSocketOptions } from './message-socket.ts';
import { type Answer, PendingCalls } from './pending-calls.ts';

export interface PeerOptions extends MessageSocketOptions {
  /** How many calls from this peer may be in progress at once; more is a reason to hang up. */
  maxPending: number;
  /** What the other end named when it connected. */
  features: PeerFeatures;
  /** Is told how many bytes a call that begins has come with, and the negative of that when it has ended. */
  underWay?: ((bytes: number) => void) | undefined;
  /** Called if a handler throws something other than a FleetError: a bug of ours. */
  onFault?: ((method: string, error: unknown) => void) | undefined;
}

type Functions = {
  call(id: number, method: string, params: string): void;
  reply(id: number, error: string, result: string): void;
};

/** How many characters of an error's message are sent. */
const MAX_ERROR = 10_000;
/** Parsing and checking parameters costs this many times more per character than printing an answer. */
const PARAMS_WEIGH = 8;

/**
 * One end of a connection: both ends call each other's methods, over dnode, one websocket frame a message.
 * dnode carries two functions only, `call(id, method, params)` and `reply(id, error, result)`: a fresh callback for
 * each call would leak in dnode, and slow it down from 140,000 to 18,000 calls a second.
 * A call with id 0 is a notification, and has no reply. A body of bytes goes past dnode, in the same frame.
 */
export class Peer {
  /** Refuses what arrives before `serve` was called. */
  private handler: (incoming: Incoming) => unknown = () => {
    throw new FleetError('EPROTOCOL', 'nothing is served on this connection');
  };
  private readonly wire: MessageSocket;
  private readonly dnode: Dnode;
  private remote: Functions | undefined;
  private readonly pending = new PendingCalls();
  /** How many calls of the other end wait for their answer. */
  underWay = 0;
  /** The bodies of the messages that dnode is handling right now: the one received and the one being sent. */
  private received = EMPTY;
  private sending = EMPTY;
  /** What the other end named when it connected. */
  readonly features: PeerFeatures;
  /** Resolves, and never rejects, when the connection is over. */
  readonly closed: Promise<FleetError>;

  constructor(
    socket: WebSocket,
    /** The other end's address, for a log line. */
    readonly address: string,
    readonly options: PeerOptions,
  ) {
    this.features = options.features;
    const own: Functions = {
      call: (id, method, params) => void this.serveCall(id, method, params, this.received),
      reply: (id, error, result) => this.settle(id, error, result, this.received),
    };
    this.wire = new MessageSocket(socket, options, (message, body) => this.receive(message, body));
    this.dnode = new Dnode(own, { weak: false, emit: 'object' });
    this.dnode.on('data', (message: DnodeMessage) => this.wire.send(message, this.sending));
    this.dnode.on('remote', (remote: Functions) => {
      this.remote = { call: remote.call, reply: remote.reply };
    });
    this.dnode.on('error', (error: unknown) => this.close(1011, messageOf(error)));
    this.dnode.on('fail', (error: unknown) => this.close(1008, messageOf(error)));
    this.closed = this.wire.closed.then((why) => {
      this.dnode.end();
      this.pending.rejectAll(why);
      return why;
    });
  }

  /** Resolves once both ends can call. Rejects if the connection ends before that. */
  async ready(): Promise<this> {
    if (this.remote) return this;
    await Promise.race([
      new Promise<void>((resolve) => this.dnode.once('remote', () => resolve())),
      this.closed.then((error) => Promise.reject(error)),
    ]);
    return this;
  }

  /** Sends calls from the other end to `handler` from now on; what it returns or resolves to is the answer. */
  serve(handler: (incoming: Incoming) => unknown): void {
    this.handler = handler;
  }

  /**
   * Calls a method of the other end. Rejects with the error that it answered, with ECLOSED if the connection ends first,
   * with ELIMIT if the message is too large, or with ETIMEOUT after `timeout` milliseconds (0: no limit while the peer
   * is alive).
   */
  call(method: string, params: unknown, timeout = 0, body = EMPTY): Promise<Answer> {
    const { remote } = this;
    const { reason } = this.wire;
    if (reason || !remote) return Promise.reject(reason ?? new FleetError('ECLOSED', 'not connected'));
    const text = JSON.stringify(params);
    return this.pending.start(method, timeout, (id) =>
      this.sendWith(body, () => remote.call(id, method, text)),
    );
  }

  /** Sends a notification; does nothing if the connection is over. */
  notify(method: string, params: unknown, body = EMPTY): void {
    if (this.wire.reason) return;
    try {
      this.sendWith(body, () => this.remote?.call(0, method, JSON.stringify(params)));
    } catch {
      // Too large for any message: nobody waits for it, and other recipients must still get theirs.
    }
  }

  /** Bytes waiting to be sent. dnode has no backpressure, so whoever sends a lot must check this. */
  get buffered(): number {
    return this.wire.buffered;
  }

  /** Closes the connection with a reason that the other end can show. */
  close(code = 1000, reason = 'closed'): void {
    this.wire.close(code, reason);
  }

  /** Terminates the connection at once. */
  terminate(error: FleetError): void {
    this.wire.terminate(error);
  }

  /** dnode emits a message synchronously, so its body can be picked up from a field. */
  private sendWith(body: Buffer, send: () => void): void {
    this.sending = body;
    try {
      send();
    } finally {
      this.sending = EMPTY;
    }
  }

  private receive(message: unknown, body: Buffer): void {
    if (!this.remote) {
      if (!offersMethods(message)) return this.close(1008, 'methods come first');
      return this.dnode.handle(methodsMessage());
    }
    const rebuilt = rebuild(message);
    if (!rebuilt) return this.close(1008, 'neither a call nor a reply');
    this.received = body;
    this.dnode.handle(rebuilt);
  }

  private async serveCall(id: number, method: string, params: string, body: Buffer): Promise<void> {
    if (++this.underWay > this.options.maxPending) return this.close(1008, 'too many calls at once');
    this.wire.charge(PARAMS_WEIGH * params.length);
    const bytes = params.length + body.length;
    this.options.underWay?.(bytes);
    try {
      const given = await this.handler(incoming(method, params, body));
      const { result, body: bytes } =
        given instanceof Answered ? given : { result: given ?? null, body: EMPTY };
      if (id !== 0 && !this.wire.reason) this.reply(id, JSON.stringify(result), bytes);
    } catch (error) {
      if (!(error instanceof FleetError)) this.options.onFault?.(method, error);
      this.answerError(id, error);
    } finally {
      this.underWay--;
      this.options.underWay?.(-bytes);
    }
  }

  private reply(id: number, result: string, body: Buffer): void {
    this.wire.charge(result.length + body.length);
    const sent = sentReply({ result, body }, this.features);
    this.sendWith(sent.body, () => this.remote?.reply(id, '', sent.result));
  }

  private answerError(id: number, error: unknown): void {
    const { code, message } = toWire(error);
    const text = JSON.stringify({ code, message: message.slice(0, MAX_ERROR) });
    if (id !== 0) this.remote?.reply(id, text, 'null');
    else if (error instanceof FleetError && code === 'EPROTOCOL') this.close(1008, message);
  }

  private settle(id: number, error: string, result: string, body: Buffer): void {
    try {
      this.pending.settle(id, error, result, body);
    } catch (broken) {
      this.close(1007, messageOf(broken));
    }
  }
}
