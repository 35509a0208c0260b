import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import { FleetError, messageOf } from '../protocol/errors.ts';
import { MAX_UNREAD_BYTES } from '../protocol/limits.ts';
import { monotonicMs } from '../system/monotonic.ts';
import { bareFrame, type Masking } from './bare-frame.ts';
import { closeError, reasonBytes } from './close-reason.ts';
import { FairQueue } from './fair-queue.ts';
import { EMPTY, type Frame, pack, unpack } from './frames.ts';
import { Heartbeat } from './heartbeat.ts';
import { isMostlyStrings } from './json-guard.ts';
import { lasting } from './lasting.ts';
import { MessageRate } from './message-rate.ts';
import { TimeSlicer } from './time-slice.ts';
import type { Turns } from './turns.ts';
import { heldError, unreadError } from './unread.ts';

/** Frames with at least so many characters are checked before they are parsed: a call has few outside its strings. */
const LARGE = 4_096;
const MAX_AROUND = 200;
/** How long a peer has to answer a close frame; ws itself waits 30 s. */
const CLOSING = 2_000;

export interface MessageSocketOptions {
  /** Milliseconds between pings, and until silence means that the peer is gone. */
  pingEvery: number;
  deadAfter: number;
  /** Messages a second to read from this peer in the long run; if it sends more, it is read more slowly. */
  rate: number;
  /** Largest message that the other end takes, in bytes. */
  maxSend: number;
  /** The websocket's underlying stream. */
  stream: Duplex;
  /** How large bodies are sent as they are; if this is left out, each byte is masked. */
  masking?: Masking | undefined;
  /** Is told how many characters and bytes were sent. */
  sent?: ((length: number) => void) | undefined;
  /** Whose turn it is among all peers, and whether too much waits for it to read more; by itself if this is left out. */
  sharing?: Sharing | undefined;
}

export interface Sharing {
  turns: Turns;
  owner: unknown;
  isHeld(): boolean;
}

/** What a peer has sent, in order. */
type Bites = Pick<TimeSlicer<Frame>, 'add' | 'finish' | 'drop'>;

/** Sends and receives messages over a websocket, one per frame, and limits what the other end can do. */
export class MessageSocket {
  /** Why the connection is over or about to be; once set, nothing more is read. */
  reason: FleetError | undefined;
  /** Resolves, and never rejects, when the connection is over. */
  readonly closed: Promise<FleetError>;
  private readonly heartbeat: Heartbeat;
  private readonly rate: MessageRate;
  private readonly bites: Bites;
  private isBusy = false;
  private isCorked = false;
  /** Resumes a throttled peer, or terminates one that does not answer the close frame. */
  private timer: NodeJS.Timeout | undefined;

  /** `onMessage` gets each message, parsed, and its body. */
  constructor(
    private readonly socket: WebSocket,
    private readonly options: MessageSocketOptions,
    private readonly onMessage: (message: unknown, body: Buffer) => void,
  ) {
    const { pingEvery, deadAfter, rate } = options;
    this.rate = new MessageRate(rate, monotonicMs());
    this.heartbeat = new Heartbeat(socket, pingEvery, deadAfter, () =>
      this.terminate(new FleetError('ETIMEOUT', `no sign of life for ${Math.round(deadAfter / 1000)} s`)),
    );
    const work = (frame: Frame) => this.read(frame);
    const busy = (isBusy: boolean) => {
      this.isBusy = isBusy;
      this.pace();
    };
    const { sharing } = options;
    const giveUp = () => this.terminate(heldError());
    this.bites = sharing ? new FairQueue({ ...sharing, work, busy, giveUp }) : new TimeSlicer(work, busy);
    socket.on('message', (data, isBinary) => this.receive({ data: data as Buffer, isBinary }));
    socket.on('error', (error) => this.broken(error));
    this.closed = new Promise((resolve) => {
      socket.once('close', (code, reason) => resolve(this.over(code, reason)));
    });
  }

  get buffered(): number {
    return this.socket.bufferedAmount;
  }

  /** Charges an answer's characters to the peer that asked for it. */
  charge(length: number): void {
    this.rate.charge(length, monotonicMs());
  }

  /** Throws ELIMIT if the message is larger than the other end takes. Terminates a peer that does not read. */
  send(message: unknown, body: Buffer): void {
    if (this.socket.readyState !== this.socket.OPEN) return;
    const text = JSON.stringify(message);
    const { maxSend } = this.options;
    if (3 * text.length + body.length > maxSend && Buffer.byteLength(text) + body.length > maxSend)
      throw new FleetError('ELIMIT', `too large: more than ${maxSend} bytes in one message`);
    if (this.buffered > MAX_UNREAD_BYTES) return this.terminate(unreadError());
    this.cork();
    const { stream, masking } = this.options;
    const bare = bareFrame(text, body, masking);
    if (bare) for (const piece of bare) stream.write(piece);
    else this.socket.send(body.length === 0 ? text : pack(text, body));
    this.options.sent?.(text.length + body.length);
  }

  /** Joins everything sent in one turn into one write: for small messages, writes are a third of the cost. */
  private cork(): void {
    if (this.isCorked) return;
    this.isCorked = true;
    const { stream } = this.options;
    stream.cork();
    process.nextTick(() => {
      this.isCorked = false;
      stream.uncork();
    });
  }

  /** Closes the connection with a reason that the other end can show. */
  close(code: number, reason: string): void {
    this.reason ??= new FleetError('ECLOSED', reason);
    this.socket.resume(); // A peer that was held back is not listened to any more, but its close frame is.
    this.socket.close(code, reasonBytes(reason));
    this.terminateSoon();
  }

  /** Terminates the connection at once. */
  terminate(error: FleetError): void {
    this.reason ??= error;
    this.socket.terminate();
  }

  private receive(frame: Frame): void {
    const now = monotonicMs();
    this.heartbeat.seen(now);
    if (this.reason) return;
    if (this.rate.take(now) > 0 && !this.socket.isPaused) this.pace();
    this.bites.add(frame);
  }

  private read({ data, isBinary }: Frame): void {
    if (this.reason) return;
    const unpacked = isBinary ? unpack(data) : { text: data.toString(), body: EMPTY };
    if (!unpacked) return this.close(1007, 'a frame shorter than it says');
    const { text, body } = unpacked;
    if (text.length > LARGE && !isMostlyStrings(text, MAX_AROUND))
      return this.close(1008, 'neither a call nor a reply');
    let message: unknown;
    try {
      message = JSON.parse(text);
    } catch {
      return this.close(1007, 'not JSON');
    }
    this.onMessage(message, lasting(body));
  }

  /** Resumes reading when what was read is processed and the rate allows it: one read can bring many messages. */
  private pace(): void {
    if (this.reason) return;
    clearTimeout(this.timer);
    const wait = this.rate.wait(monotonicMs());
    if (!this.isBusy && wait === 0) return this.socket.resume();
    this.socket.pause();
    if (!this.isBusy) this.timer = setTimeout(() => this.pace(), wait);
  }

  private broken(error: Error & { code?: string }): void {
    this.reason ??= new FleetError('ECLOSED', messageOf(error), { cause: error });
    // What ws itself refuses, such as an oversized frame, it reports to the other end before it hangs up.
    if (error.code?.startsWith('WS_ERR')) this.terminateSoon();
    else this.socket.terminate();
  }

  private terminateSoon(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.socket.terminate(), CLOSING).unref();
  }

  private over(code: number, reason: Buffer): FleetError {
    clearTimeout(this.timer);
    this.heartbeat.stop();
    // Process what the peer sent before it left, unless it was this end that hung up.
    if (this.reason) this.bites.drop();
    else this.bites.finish();
    this.reason ??= closeError(code, reason);
    return this.reason;
  }
}
