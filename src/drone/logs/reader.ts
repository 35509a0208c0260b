import type { LogPage } from '../../protocol/answers.ts';
import { MAX_PIECE_BYTES, UNFINISHED_AFTER_MS } from '../../protocol/limits.ts';
import type { CheckedOrderParams } from '../../protocol/orders.ts';
import { utf8Length, wholeLines } from '../../system/lines.ts';
import type { LogFile } from './log-file.ts';
import type { LogIndex } from './time-index.ts';

const BLOCK_BYTES = 64 * 1024;

/** A log, and the index of when it was written. */
export interface IndexedLog {
  file: LogFile;
  index: LogIndex;
}

type Place = CheckedOrderParams['logs.read']['at'];

/**
 * Reads whole lines from a position on, at most `limit` bytes (and never more than fits in a message). The last line is
 * left out until it is finished, unless the log is complete, or the line was
 * begun a while ago and `withUnfinished` is set: then the page says where it begins.
 */
export async function readPage(
  log: IndexedLog,
  at: Place,
  limit: number,
  withUnfinished = false,
): Promise<{ page: LogPage; body: Buffer }> {
  const { file, index } = log;
  file.refresh();
  const lineEnd = file.lineEnd();
  const until = withUnfinished && isOld(index, lineEnd, file.end) ? file.end : lineEnd;
  const place = at.kind === 'tail' && at.lines === 0 ? lineEnd : await placeOf(file, index, at, until);
  const { start, dropped, atLeast } = file.meta;
  const from = Math.min(until, Math.max(start, place));
  const bytes = await file.read(from, Math.min(until - from, Math.max(1, limit), MAX_PIECE_BYTES));
  // It was removed while it was read: the bytes may be zeros.
  if (file.meta.start > from) return readPage(log, at, limit, withUnfinished);
  const whole = from + bytes.length < until ? wholeLines(bytes) : bytes.length;
  const taken = bytes.subarray(0, whole || utf8Length(bytes));
  const to = from + taken.length;
  const times = index.times(from, to);
  const begun = to === until && until > lineEnd ? { begun: lineEnd } : {};
  return {
    page: { from, to, start, end: until, dropped, ...(atLeast ? { atLeast } : {}), times, ...begun },
    body: taken,
  };
}

/** Returns true if the line that begins at `from` is unfinished for long. */
function isOld(index: LogIndex, from: number, end: number): boolean {
  const [first] = index.times(from, end);
  return first !== undefined && Date.now() - first[1] > UNFINISHED_AFTER_MS;
}

async function placeOf(file: LogFile, index: LogIndex, at: Place, until: number): Promise<number> {
  if (at.kind === 'offset') return at.offset;
  if (at.kind === 'since') return index.since(at.time) ?? until;
  return tailOffset(file, at.lines, until);
}

/** Returns where the last `lines` lines before `until` begin; the start of the log if it has fewer. */
async function tailOffset(file: LogFile, lines: number, until: number): Promise<number> {
  const { start } = file.meta;
  let left = lines;
  // Skip the newline that ends the last line.
  let to = until - 1;
  while (to > start) {
    const from = Math.max(start, to - BLOCK_BYTES);
    const bytes = await file.read(from, to - from);
    for (let i = bytes.lastIndexOf(10); i >= 0; i = i === 0 ? -1 : bytes.lastIndexOf(10, i - 1)) {
      if (--left === 0) return from + i + 1;
    }
    to = from;
  }
  return start;
}
