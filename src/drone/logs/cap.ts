import { execFile } from 'node:child_process';
import { truncateSync } from 'node:fs';
import { promisify } from 'node:util';
import { messageOf } from '../../protocol/errors.ts';
import { MAX_LINE_BYTES } from '../../protocol/limits.ts';
import { countNewlines } from '../../system/lines.ts';
import type { LogFile } from './log-file.ts';

const run = promisify(execFile);
const BLOCK_BYTES = 4096;
const CHUNK_BYTES = 1024 * 1024;
/** How much is counted at most before it is removed: if there is more, the disk is filled faster than lines are counted. */
const FAR_BYTES = 16 * 1024 * 1024;

/** The share of the cap that is left after a cut: room to grow before the next one. */
const KEPT_SHARE = 7 / 8;

/** How many lines are removed; the true number is higher if it is not exact. */
export interface Removed {
  lines: number;
  exact: boolean;
}

/** Called with the log's new start and what is before it, before anything is removed. */
export type Cutting = (start: number, removed: Removed) => Promise<void>;

/** Returns true if a log is longer than it may be. */
export function isTooLong(file: LogFile, max: number): boolean {
  return file.end - file.meta.start > max;
}

/** Counts the lines between two offsets, without blocking; only one of them, the last, if there is too much to read. */
export async function linesBetween(file: LogFile, from: number, to: number): Promise<Removed> {
  if (to - from > FAR_BYTES) return { lines: 1, exact: false };
  let lines = 0;
  for (let at = from; at < to; ) {
    const bytes = await file.read(at, Math.min(CHUNK_BYTES, to - at));
    if (bytes.length === 0) break;
    lines += countNewlines(bytes);
    at += bytes.length;
  }
  return { lines, exact: true };
}

/**
 * Removes the oldest lines until the log is well below `max` bytes again; they are counted unless there are too many: room
 * on the disk comes before numbers. The start of the file becomes a hole (fallocate(1)): the process goes on appending,
 * nothing newer is lost, and offsets stay valid. If the file system or the machine does not support that, `problem`
 * gets a line about it and the whole file is emptied.
 */
export async function cut(
  file: LogFile,
  max: number,
  cutting: Cutting,
  problem: (line: string) => void,
): Promise<void> {
  const to = await lineStartFrom(file, file.end - Math.floor(max * KEPT_SHARE));
  const removed = await linesBetween(file, file.meta.start, to);
  await cutting(to, removed);
  // Somebody has emptied the file meanwhile: offsets never go backwards.
  if (to <= file.meta.start) return;
  const before = { ...file.meta };
  // Recorded first, then done: what is removed is never shown as if it were there.
  count(file, to, removed);
  save(file, problem);
  const length = Math.floor((to - file.meta.base) / BLOCK_BYTES) * BLOCK_BYTES;
  if (length <= 0) return;
  try {
    await run('fallocate', ['--punch-hole', '--offset', '0', '--length', String(length), file.path]);
  } catch (error) {
    const { start, dropped, atLeast } = before;
    Object.assign(file.meta, { start, dropped, atLeast });
    problem(`cannot make a hole in ${file.path} (${messageOf(error)}): it is emptied whenever it is full`);
    await empty(file, cutting, problem);
  }
}

/** Returns the offset of the first line that begins at `from` or later; `from` itself if no line end is near. */
async function lineStartFrom(file: LogFile, from: number): Promise<number> {
  for (let at = from - 1; at < from + MAX_LINE_BYTES; at += CHUNK_BYTES) {
    const bytes = await file.read(at, CHUNK_BYTES);
    const newline = bytes.indexOf(10);
    if (newline >= 0) return at + newline + 1;
    if (bytes.length < CHUNK_BYTES) break;
  }
  return from;
}

async function empty(file: LogFile, cutting: Cutting, problem: (line: string) => void): Promise<void> {
  file.refresh();
  const { end } = file;
  const removed = await linesBetween(file, file.meta.start, end);
  await cutting(end, removed);
  truncateSync(file.path, 0);
  count(file, end, removed);
  file.meta.base = end;
  save(file, problem);
}

function count({ meta }: LogFile, start: number, { lines, exact }: Removed): void {
  meta.start = start;
  meta.dropped += lines;
  meta.atLeast ||= !exact;
}

function save(file: LogFile, problem: (line: string) => void): void {
  try {
    file.save();
  } catch (error) {
    problem(messageOf(error));
  }
}
