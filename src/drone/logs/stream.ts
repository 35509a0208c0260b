import type { LogMark } from '../../protocol/answers.ts';
import type { Interest, OutputPiece } from '../../protocol/events.ts';
import { NOTHING, wants } from '../../protocol/interest.ts';
import { MAX_PIECE_BYTES, UNFINISHED_AFTER_MS } from '../../protocol/limits.ts';
import { utf8Length, wholeLines } from '../../system/lines.ts';
import { linesBetween, type Removed } from './cap.ts';
import type { LogFile } from './log-file.ts';

/** How many pieces of one log are sent before other logs get their turn. */
const MAX_PIECES_AT_ONCE = 16;
/** For how long pieces of one log are sent: a reader that is a file takes as long as its disk needs. */
const MAX_TURN_MS = 20;
const EMPTY = Buffer.alloc(0);

/** How far one log was sent. */
interface Cursor {
  offset: number;
  /** Lines that were removed before they were sent, and are not reported yet. */
  dropped: number;
  /** True if more were removed than `dropped` says. */
  atLeast: boolean;
  /** How far the line that begins at `offset` and is unfinished was sent, and since when there is more of it. */
  begun: { to: number; since: number | null } | null;
}

const UNSENT = { dropped: 0, atLeast: false, begun: null };

export interface StreamOptions {
  /** False while the reader is slow: the output waits on disk. */
  hasRoom(): boolean;
  /** True if the reader takes unfinished lines, as pieces with `begun`; by default it gets whole lines only. */
  takesUnfinished?(): boolean;
  /** In milliseconds; `performance.now` by default. */
  now?(): number;
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
    else if (!this.cursors.has(file.meta.id)) this.cursors.set(file.meta.id, { offset, ...UNSENT });
  }

  /** Sends what is new. Returns true if there is more to send, now or soon. */
  send(file: LogFile, time: number): boolean {
    const { meta } = file;
    const cursor = this.cursors.get(meta.id);
    if (!cursor) return false;
    if (cursor.offset < meta.start) Object.assign(cursor, { offset: meta.start, begun: null });
    const { now = () => performance.now() } = this.options;
    const began = now();
    for (let pieces = 0; cursor.offset < file.end; pieces++) {
      const isOver = pieces === MAX_PIECES_AT_ONCE || (pieces > 0 && now() - began > MAX_TURN_MS);
      if (isOver || !this.options.hasRoom()) return true;
      const length = this.take(file, cursor.offset);
      if (length === 0) return this.sendUnfinished(file, cursor, time);
      const { id, repo, commit } = meta;
      const { offset: from, dropped, atLeast } = cursor;
      Object.assign(cursor, { offset: from + length, ...UNSENT });
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
    Object.assign(cursor, { offset: start, begun: null });
    const { lines, exact } = offset <= file.meta.start ? removed : await linesBetween(file, offset, start);
    cursor.dropped += lines;
    cursor.atLeast ||= !exact;
  }

  forget(id: string): void {
    this.cursors.delete(id);
  }

  /** Sends what is new of an unfinished line, once that has waited. Returns true if it waits. */
  private sendUnfinished(file: LogFile, cursor: Cursor, time: number): boolean {
    const { takesUnfinished, hasRoom, now = () => performance.now(), emit } = this.options;
    cursor.begun ??= { to: cursor.offset, since: null };
    const { begun } = cursor;
    const { to: from } = begun;
    if (!takesUnfinished?.() || from >= file.end) return false;
    begun.since ??= now();
    if (now() - begun.since < UNFINISHED_AFTER_MS || !hasRoom()) return true;
    const length = utf8Length(this.buffer, file.readInto(this.buffer, from, file.end - from));
    const { id, repo, commit } = file.meta;
    cursor.begun = { to: from + length, since: null };
    const piece = { id, repo, commit, from, to: from + length, time, dropped: 0, begun: cursor.offset };
    emit(piece, this.buffer.subarray(0, length));
    return false;
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
