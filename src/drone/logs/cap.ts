import { execFile } from 'node:child_process';
import { truncateSync } from 'node:fs';
import { promisify } from 'node:util';
import { messageOf } from '../../protocol/errors.ts';
import { countNewlines } from '../../system/lines.ts';
import type { LogFile } from './log-file.ts';

const run = promisify(execFile);
const BLOCK_BYTES = 4096;
const CHUNK_BYTES = 1024 * 1024;

/** The share of the cap that is left after a cut: room to grow before the next one. */
const KEPT_SHARE = 7 / 8;

/** Returns true if a log is longer than it may be. */
export function isTooLong(file: LogFile, max: number): boolean {
  return file.end - file.meta.start > max;
}

/** Counts the newlines between two offsets, without blocking. */
export async function countLinesBetween(file: LogFile, from: number, to: number): Promise<number> {
  let count = 0;
  for (let at = from; at < to; ) {
    const bytes = await file.read(at, Math.min(CHUNK_BYTES, to - at));
    if (bytes.length === 0) break;
    count += countNewlines(bytes);
    at += bytes.length;
  }
  return count;
}

/**
 * Removes the oldest lines until the log is well below `max` bytes again. The start of the file becomes a hole
 * (fallocate(1)): the process goes on appending, nothing newer is lost, and offsets stay valid. If the file system or
 * the machine does not support that, `problem` gets a line about it and the whole file is emptied. Calls `cutting` with
 * the log's new start before anything is removed.
 */
export async function cut(
  file: LogFile,
  max: number,
  cutting: (start: number) => Promise<void>,
  problem: (line: string) => void,
): Promise<void> {
  const start = await lineStartFrom(file, file.end - Math.floor(max * KEPT_SHARE));
  await cutting(start);
  const dropped = await countLinesBetween(file, file.meta.start, start);
  // Somebody has emptied the file meanwhile: offsets never go backwards.
  if (start <= file.meta.start) return;
  const before = { ...file.meta };
  // Recorded first, then done: what is removed is never shown as if it were there.
  file.meta.start = start;
  file.meta.dropped += dropped;
  save(file, problem);
  const length = Math.floor((start - file.meta.base) / BLOCK_BYTES) * BLOCK_BYTES;
  if (length <= 0) return;
  try {
    await run('fallocate', ['--punch-hole', '--offset', '0', '--length', String(length), file.path]);
  } catch (error) {
    Object.assign(file.meta, { start: before.start, dropped: before.dropped });
    problem(`cannot make a hole in ${file.path} (${messageOf(error)}): it is emptied whenever it is full`);
    await empty(file, cutting, problem);
  }
}

/** Returns the offset of the first line that begins at `from` or later; `from` itself if no line end is near. */
async function lineStartFrom(file: LogFile, from: number): Promise<number> {
  const bytes = await file.read(from - 1, CHUNK_BYTES);
  return from + Math.max(0, bytes.indexOf(10));
}

async function empty(
  file: LogFile,
  cutting: (start: number) => Promise<void>,
  problem: (line: string) => void,
): Promise<void> {
  file.refresh();
  const { end, meta } = file;
  await cutting(end);
  const dropped = await countLinesBetween(file, meta.start, end);
  truncateSync(file.path, 0);
  Object.assign(meta, { start: end, base: end, dropped: meta.dropped + dropped });
  save(file, problem);
}

function save(file: LogFile, problem: (line: string) => void): void {
  try {
    file.save();
  } catch (error) {
    problem(messageOf(error));
  }
}
