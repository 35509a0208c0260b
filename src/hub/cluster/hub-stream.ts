import { Duplex } from 'node:stream';
import { FleetError } from '../../protocol/errors.ts';
import type { Bus } from './bus.ts';

/** What may be on its way in one direction, and after how much the receiver says that it has taken it. */
const WINDOW_BYTES = 4 * 1024 * 1024;
const ACKNOWLEDGE_BYTES = WINDOW_BYTES / 4;
/** The number of a message and its kind. */
const HEAD_BYTES = 5;
/** Larger ones make others wait. */
const MAX_PIECE_BYTES = 256 * 1024;

const KINDS = ['data', 'taken', 'end'] as const;
type Kind = (typeof KINDS)[number];

export interface StreamSubjects {
  /** Where this end listens. */
  mine: string;
  theirs: string;
}

/**
 * A stream of bytes between two hubs, in messages of a bus. They are numbered: if one is lost, or nobody listens at the
 * other end, the stream ends with ECLOSED. What the other end does not read is held back here.
 */
export class HubStream extends Duplex {
  private sent = 0;
  private received = 0;
  /** Bytes sent that the other end has not taken. */
  private onTheWay = 0;
  /** Bytes taken that the other end has not been told of. */
  private taken = 0;
  private hasOtherEnded = false;
  /** The write that waits for room. */
  private waiting: (() => void) | null = null;
  private readonly pieceBytes: number;
  private readonly unsubscribe: () => void;
  private readonly down = () => this.destroy(new FleetError('ECLOSED', 'the engine is not reached'));

  constructor(
    private readonly bus: Bus,
    private readonly subjects: StreamSubjects,
  ) {
    super({ allowHalfOpen: false });
    this.pieceBytes = Math.min(MAX_PIECE_BYTES, bus.maxBytes - HEAD_BYTES);
    this.unsubscribe = bus.subscribe(subjects.mine, (message) => this.hear(message));
    bus.on('down', this.down);
    // It may end before anybody uses it.
    this.on('error', () => {});
  }

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    for (let at = 0; at < chunk.length; at += this.pieceBytes)
      this.send('data', chunk.subarray(at, at + this.pieceBytes));
    this.onTheWay += chunk.length;
    if (this.onTheWay < WINDOW_BYTES || this.hasOtherEnded) done();
    else this.waiting = done;
  }

  /** Messages that were written while they were held back go together. */
  override _writev(chunks: { chunk: Buffer }[], done: () => void): void {
    this._write(Buffer.concat(chunks.map(({ chunk }) => chunk)), '', done);
  }

  override _read(): void {
    if (this.taken < ACKNOWLEDGE_BYTES) return;
    const said = Buffer.alloc(4);
    said.writeUInt32BE(this.taken);
    this.taken = 0;
    this.send('taken', said);
  }

  override _final(done: () => void): void {
    this.send('end', Buffer.alloc(0));
    done();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    // A stream that ends for another reason ends at the other end too.
    if (!this.writableFinished) this.send('end', Buffer.alloc(0));
    this.unsubscribe();
    this.bus.off('down', this.down);
    this.waiting = null;
    done(error);
  }

  private send(kind: Kind, data: Buffer): void {
    const message = Buffer.allocUnsafe(HEAD_BYTES + data.length);
    message.writeUInt32BE(this.sent, 0);
    message.writeUInt8(KINDS.indexOf(kind), 4);
    data.copy(message, HEAD_BYTES);
    this.sent = (this.sent + 1) % 2 ** 32;
    this.bus.publish(this.subjects.theirs, message, this.subjects.mine);
  }

  private hear(message: Buffer | null): void {
    if (this.destroyed) return;
    if (!message) return this.breakOff('it does not listen');
    if (message.length < HEAD_BYTES || message.readUInt32BE(0) !== this.received)
      return this.breakOff('a message was lost');
    this.received = (this.received + 1) % 2 ** 32;
    const data = message.subarray(HEAD_BYTES);
    switch (KINDS[message.readUInt8(4)]) {
      case 'data':
        this.taken += data.length;
        if (this.push(data)) this._read();
        break;
      case 'taken':
        this.makeRoom(data);
        break;
      case 'end':
        this.push(null);
        // Nobody takes what waits for room any more: if that waited on, this end would not end.
        this.hasOtherEnded = true;
        this.proceed();
        break;
      default:
        this.breakOff('a message of an unknown kind');
    }
  }

  private makeRoom(said: Buffer): void {
    if (said.length < 4) return this.breakOff('a message of an unknown kind');
    this.onTheWay = Math.max(0, this.onTheWay - said.readUInt32BE());
    if (this.onTheWay < WINDOW_BYTES) this.proceed();
  }

  private proceed(): void {
    const { waiting } = this;
    this.waiting = null;
    waiting?.();
  }

  private breakOff(why: string): void {
    this.destroy(new FleetError('ECLOSED', `the link with another hub has ended: ${why}`));
  }
}
