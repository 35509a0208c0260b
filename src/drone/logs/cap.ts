import { execFile } from 'node:child_process';
import { truncateSync } from 'node:fs';
import { promisify } from 'node:util';
import { messageOf } from '../../protocol/errors.ts';
import { countNewlines } from '../../system/lines.ts';
import type { LogFile } from './log-file.ts';

const run = promisify(execFile);
const BLOCK = 4096;
const CHUNK = 1024 * 1024;

/** What is left of the cap after a cut: room to grow before the next one. */
const KEPT = 7 / 8;

/** True where a log is longer than it may be. */
export function isTooLong(file: LogFile, max: number): boolean {
  return file.end - file.meta.start > max;
}

/** The newlines between two offsets, read without holding up anybody. */
export async function countLinesBetween(file: LogFile, from: number, to: number): Promise<number> {
  let count = 0;
  for (let at = from; at < to; ) {
    const bytes = await file.read(at, Math.min(CHUNK, to - at));
    if (bytes.length === 0) break;
    count += countNewlines(bytes);
    at += bytes.length;
  }
  return count;
}

/**
 * Cuts the oldest lines away until the log is well below `max` bytes again. The front of the file becomes a hole
 * (fallocate(1)): the process goes on appending, nothing newer is lost, and offsets stay true. Where the file system or
 * the machine can't do that the file is emptied as a whole, which is told with `problem`. `cutting` is told, before it
 * happens, where the log will begin.
 */
export async function cut(
  file: LogFile,
  max: number,
  cutting: (start: number) => Promise<void>,
  problem: (line: string) => void,
): Promise<void> {
  const start = await lineStartFrom(file, file.end - Math.floor(max * KEPT));
  await cutting(start);
  const dropped = await countLinesBetween(file, file.meta.start, start);
  // Somebody has emptied the file meanwhile: offsets never run backwards.
  if (start <= file.meta.start) return;
  const before = { ...file.meta };
  // First said, then done: what is cut away is never shown as if it were there.
  file.meta.start = start;
  file.meta.dropped += dropped;
  save(file, problem);
  const length = Math.floor((start - file.meta.base) / BLOCK) * BLOCK;
  if (length <= 0) return;
  try {
    await run('fallocate', ['--punch-hole', '--offset', '0', '--length', String(length), file.path]);
  } catch (error) {
    Object.assign(file.meta, { start: before.start, dropped: before.dropped });
    problem(`cannot make a hole in ${file.path} (${messageOf(error)}): it is emptied whenever it is full`);
    await empty(file, cutting, problem);
  }
}

/** Returns the offset of the first line that begins at `from` or later; `from` itself if a line has no end in sight. */
async function lineStartFrom(file: LogFile, from: number): Promise<number> {
  const bytes = await file.read(from - 1, CHUNK);
  return from + Math.max(0, bytes.indexOf(10));
}

async function empty(
  file: LogFile,
  cutting: (start: number) => Promise<void>,
  problem: (line: string) => void,
): Promise<void> {
  file.see();
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
