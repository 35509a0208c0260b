import type { LogPage } from '../../protocol/answers.ts';
import { MAX_PIECE_BYTES } from '../../protocol/limits.ts';
import type { CheckedOrderParams } from '../../protocol/orders.ts';
import { utf8Length, wholeLines } from '../../system/lines.ts';
import type { LogFile } from './log-file.ts';
import type { LogIndex } from './time-index.ts';

const BLOCK = 64 * 1024;

/** A log and when what of it was written. */
export interface IndexedLog {
  file: LogFile;
  index: LogIndex;
}

type Place = CheckedOrderParams['logs.read']['at'];

/**
 * The bytes from a place on, whole lines, at most `limit` (and never more than a message takes); the last line of a
 * log that goes on is not among them until it is finished.
 */
export async function readPage(
  log: IndexedLog,
  at: Place,
  limit: number,
): Promise<{ page: LogPage; body: Buffer }> {
  const { file, index } = log;
  file.see();
  const until = file.lineEnd();
  const place = await placeOf(file, index, at, until);
  const { start, dropped } = file.meta;
  const from = Math.min(until, Math.max(start, place));
  const bytes = await file.read(from, Math.min(until - from, Math.max(1, limit), MAX_PIECE_BYTES));
  // Cut away while it was read: what was there are zeros now.
  if (file.meta.start > from) return readPage(log, at, limit);
  const whole = from + bytes.length < until ? wholeLines(bytes) : bytes.length;
  const taken = bytes.subarray(0, whole || utf8Length(bytes));
  const to = from + taken.length;
  const times = index.times(from, to);
  return { page: { from, to, start, end: until, dropped, times }, body: taken };
}

async function placeOf(file: LogFile, index: LogIndex, at: Place, until: number): Promise<number> {
  if (at.kind === 'offset') return at.offset;
  if (at.kind === 'since') return index.since(at.time) ?? until;
  return tailOffset(file, at.lines, until);
}

/** Where the last `lines` lines before `until` begin; the start of the log where it has fewer. */
async function tailOffset(file: LogFile, lines: number, until: number): Promise<number> {
  const { start } = file.meta;
  if (lines === 0) return until;
  let left = lines;
  // The newline that ends the last line ends no line before it.
  let to = until - 1;
  while (to > start) {
    const from = Math.max(start, to - BLOCK);
    const bytes = await file.read(from, to - from);
    for (let i = bytes.lastIndexOf(10); i >= 0; i = i === 0 ? -1 : bytes.lastIndexOf(10, i - 1)) {
      if (--left === 0) return from + i + 1;
    }
    to = from;
  }
  return start;
}
