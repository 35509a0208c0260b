import type { LogMark } from '../../protocol/answers.ts';
import type { Interest, OutputPiece } from '../../protocol/events.ts';
import { NOTHING, wants } from '../../protocol/interest.ts';
import { MAX_PIECE_BYTES } from '../../protocol/limits.ts';
import { utf8Length, wholeLines } from '../../system/lines.ts';
import { linesBetween, type Removed } from './cap.ts';
import type { LogFile } from './log-file.ts';

/** How many pieces of one log are sent before other logs get their turn. */
const MAX_PIECES_AT_ONCE = 16;
const EMPTY = Buffer.alloc(0);

/** How far one log was sent. */
interface Cursor {
  offset: number;
  /** Lines that were removed before they were sent, and are not reported yet. */
  dropped: number;
  /** True if more were removed than `dropped` says. */
  atLeast: boolean;
}

export interface StreamOptions {
  /** False while the reader is slow: the output waits on disk. */
  hasRoom(): boolean;
  /** `body` is valid only until this returns; it is empty if the piece is about marks. */
  emit(piece: OutputPiece, body: Buffer): void;
}

/** One reader of what processes write from now on: the hub, or the drone's own console. */
export class LogStream {
  private interest = NOTHING;
  private readonly cursors = new Map<string, Cursor>();
  private readonly buffer = Buffer.allocUnsafe(MAX_PIECE_BYTES);

  constructor(private readonly options: StreamOptions) {}

  /** Sets the interest only; `attach` and `forget` do the rest. */
  setInterest(interest: Interest): void {
    this.interest = interest;
  }

  wants(process: { id: string; repo: string }): boolean {
    return wants(this.interest, process);
  }

  /** Sends this log from `offset` on, if it is wanted; one that is already being sent continues where it was. */
  attach(file: LogFile, offset: number): void {
    if (!this.wants(file.meta)) this.cursors.delete(file.meta.id);
    else if (!this.cursors.has(file.meta.id))
      this.cursors.set(file.meta.id, { offset, dropped: 0, atLeast: false });
  }

  /** Sends what is new. Returns true if there is more to send. */
  send(file: LogFile, time: number): boolean {
    const { meta } = file;
    const cursor = this.cursors.get(meta.id);
    if (!cursor) return false;
    if (cursor.offset < meta.start) cursor.offset = meta.start;
    for (let pieces = 0; cursor.offset < file.end; pieces++) {
      if (pieces === MAX_PIECES_AT_ONCE || !this.options.hasRoom()) return true;
      const length = this.take(file, cursor.offset);
      if (length === 0) return false;
      const { id, repo, commit } = meta;
      const { offset: from, dropped, atLeast } = cursor;
      Object.assign(cursor, { offset: from + length, dropped: 0, atLeast: false });
      const piece = {
        id,
        repo,
        commit,
        from,
        to: from + length,
        time,
        dropped,
        ...(atLeast ? { atLeast } : {}),
      };
      this.options.emit(piece, this.buffer.subarray(0, length));
    }
    return false;
  }

  /** Sends what has happened to a process, if its log is wanted: after everything that is on its way. */
  mark(file: LogFile, mark: LogMark): void {
    const cursor = this.cursors.get(file.meta.id);
    if (!cursor) return;
    const { id, repo, commit } = file.meta;
    const { offset } = cursor;
    const { time } = mark;
    const piece = { id, repo, commit, from: offset, to: offset, time, dropped: 0, marks: [mark] };
    this.options.emit(piece, EMPTY);
  }

  /** Adds up the lines before `start`, which are about to be removed, as dropped if they were not sent. */
  async cutting(file: LogFile, start: number, removed: Removed): Promise<void> {
    const cursor = this.cursors.get(file.meta.id);
    if (!cursor || cursor.offset >= start) return;
    const { offset } = cursor;
    cursor.offset = start;
    const { lines, exact } = offset <= file.meta.start ? removed : await linesBetween(file, offset, start);
    cursor.dropped += lines;
    cursor.atLeast ||= !exact;
  }

  forget(id: string): void {
    this.cursors.delete(id);
  }

  /** Reads whole lines into the buffer, and returns their length. A line too long for one piece is taken in parts. */
  private take(file: LogFile, from: number): number {
    const wanted = Math.min(this.buffer.length, file.end - from);
    const read = file.readInto(this.buffer, from, wanted);
    const whole = wholeLines(this.buffer, read);
    if (whole > 0) return whole;
    if (read === this.buffer.length) return utf8Length(this.buffer, read);
    return file.meta.stoppedAt === null ? 0 : read;
  }
}
