import { closeSync, existsSync, readdirSync, readSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { openRegular, readRegularIfThere } from '../../system/regular-file.ts';
import { type Link, linkOf } from './chain.ts';

/** Longer than the longest line. */
const LAST_LINE_BYTES = 128 * 1024;

/** A file of the trail that is complete. `last` is the number of its last entry, `time` that of it, in ms since 1970. */
export interface FullFile {
  path: string;
  last: number;
  bytes: number;
  time: number;
}

/** A file that was opened, of which so many bytes are to be read. */
export interface OpenFile {
  path: string;
  bytes: number;
  fd: number;
}

/** How long entries are kept, and how much room they may take. */
export interface Keep {
  maxBytes: number;
  maxAgeMs: number;
}

/**
 * Returns which of these files, oldest first, are to be removed: what is too old, and what is too much. `currentBytes` is the
 * size of the file that is being written, which stays.
 */
export function expired<F extends Pick<FullFile, 'bytes' | 'time'>>(
  files: readonly F[],
  { maxBytes, maxAgeMs }: Keep,
  currentBytes: number,
  now: number,
): F[] {
  let room = maxBytes - currentBytes;
  let isOver = false;
  const kept = new Set<F>();
  for (const file of files.toReversed()) {
    room -= file.bytes;
    // What is older than a file that goes, goes too, so that no gap is left.
    isOver ||= room < 0 || now - file.time > maxAgeMs;
    if (!isOver) kept.add(file);
  }
  return files.filter((file) => !kept.has(file));
}

/**
 * The files of a trail in a hub's directory: `audit.jsonl` is written, `audit.N.jsonl` is full, and ends with entry N.
 * `audit.jsonl.1` was left by an older fleet.
 */
export class TrailFiles {
  readonly current: string;
  readonly head: string;

  constructor(private readonly dir: string) {
    this.current = join(dir, 'audit.jsonl');
    this.head = join(dir, 'audit-head.json');
  }

  /** Returns the files that are full, oldest first. */
  full(): FullFile[] {
    const numbered = this.names().flatMap((name) => {
      const last = /^audit\.(\d{1,15})\.jsonl$/.exec(name)?.[1];
      return last === undefined ? [] : [this.stat(name, Number(last))];
    });
    const older = this.names().includes('audit.jsonl.1') ? [this.stat('audit.jsonl.1', 0)] : [];
    return [...older, ...numbered.sort((a, b) => a.last - b.last)];
  }

  /** Opens all files, oldest first, of the current one the first `bytes`. Throws errors of the file system. */
  open(bytes: number): OpenFile[] {
    const opened: OpenFile[] = [];
    try {
      for (const file of [...this.full(), { path: this.current, bytes }])
        if (existsSync(file.path)) opened.push({ ...file, fd: openRegular(file.path, 'r') });
    } catch (error) {
      for (const { fd } of opened) closeSync(fd);
      throw error;
    }
    return opened;
  }

  /** Makes the current file a full one. */
  rotate(last: number): void {
    renameSync(this.current, join(this.dir, `audit.${last}.jsonl`));
  }

  remove({ path }: FullFile): void {
    rmSync(path, { force: true });
  }

  /** Returns the link of the last entry of a full file; null if it has none. */
  lastLink({ path, bytes }: FullFile): Link | null {
    const buffer = Buffer.alloc(Math.min(bytes, LAST_LINE_BYTES));
    const fd = openRegular(path, 'r');
    try {
      readSync(fd, buffer, 0, buffer.length, bytes - buffer.length);
    } finally {
      closeSync(fd);
    }
    return linkOf(buffer.toString('utf8').trimEnd().split('\n').at(-1) ?? '');
  }

  private stat(name: string, last: number): FullFile {
    const path = join(this.dir, name);
    const { size = 0, mtimeMs = 0 } = statSync(path, { throwIfNoEntry: false }) ?? {};
    return { path, last, bytes: size, time: mtimeMs };
  }

  private names(): string[] {
    try {
      return readdirSync(this.dir);
    } catch {
      return []; // Whoever writes there will report what is wrong with it.
    }
  }
}

/** Returns the text of a file; empty if there is none. Throws ECONFIG, and errors of the file system. */
export function textOf(path: string): string {
  return readRegularIfThere(path) ?? '';
}

/** Returns the bytes of a file; 0 if there is none. */
export function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}
