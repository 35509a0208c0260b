import { randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { dirname, join, sep } from 'node:path';
import { isDiskFull } from './disk-error.ts';
import { spaceOf } from './free-space.ts';
import { writeNew } from './new-file.ts';
import { sizeText } from './size-text.ts';

/** Each is given up by itself, since whatever fills the disk takes the rest of it. */
const STATE_FILES = Array.from({ length: 8 }, (_, n) => `state-${n}`);
/** Given up by programs that copy output to logs, while no drone runs too. */
const SPARE_FILE = 'spare';
const MAX_STATE_FILE_BYTES = 256 * 1024;
const MIN_STATE_FILE_BYTES = 4096;
const STATE_FILES_IN_SPARE_FILE = 8;
/** On a small disk, the reserve takes this share. */
const MAX_SHARE = 1 / 100;
/** It is made only if so many times its size is free. */
const ROOM = 4;
/** A daemon that ends at once makes none. */
const FIRST_LOOK_MS = 1_000;
const LOOK_EVERY_MS = 5_000;

/** The reserves of this process's daemons: whoever writes a file is not told of the daemon. */
const reserves = new Set<Reserve>();

/**
 * Performs a write to `path`. If the disk is full and the daemon of that directory has a reserve there, part of it is
 * given up and the write performed again. Throws what `write` throws.
 */
export function withReserve<T>(path: string, write: () => T): T {
  for (;;) {
    try {
      return write();
    } catch (error) {
      if (!givesWay(path, error)) throw error;
    }
  }
}

/** Returns true if a write to `path` failed because the disk is full, and there is room now because a reserve was given up. */
export function givesWay(path: string, error: unknown): boolean {
  if (!isDiskFull(error)) return false;
  const reserve = [...reserves].find((one) => one.helps(path));
  return reserve?.giveUp() ?? false;
}

/**
 * Returns the file in a daemon's directory that other programs remove if they cannot write to `folder`, because the disk is
 * full; an empty path if `folder` is on another disk.
 */
export function spareFile(dir: string, folder: string): string {
  return deviceOf(dir) === deviceOf(folder) ? join(dir, 'reserve', SPARE_FILE) : '';
}

/**
 * Files in a daemon's directory, in `reserve/`, that take up space until the disk is full: then they are removed one by
 * one, so that what the daemon has to remember can still be written. They are made again when there is room.
 */
export class Reserve {
  private readonly folder: string;
  private readonly timers: NodeJS.Timeout[];
  /** True if it was reported that something of it is missing. */
  private isReported = false;

  constructor(
    private readonly dir: string,
    private readonly problem: (line: string) => void,
  ) {
    this.folder = join(dir, 'reserve');
    reserves.add(this);
    const look = () => this.look();
    this.timers = [setTimeout(look, FIRST_LOOK_MS).unref(), setInterval(look, LOOK_EVERY_MS).unref()];
  }

  /** Returns true if a file is in this directory, and on the same disk. */
  helps(path: string): boolean {
    return path.startsWith(this.dir + sep) && deviceOf(dirname(path)) === deviceOf(this.folder);
  }

  /** Removes one file. Returns false if none is left. */
  giveUp(): boolean {
    const last = this.names().find((name) => name !== SPARE_FILE);
    if (last === undefined) return false;
    try {
      rmSync(join(this.folder, last));
    } catch {
      return false;
    }
    this.report();
    return true;
  }

  /** Makes what is missing if there is room, and reports what was given up. */
  look(): void {
    const before = this.names();
    const missing = [...STATE_FILES, SPARE_FILE].filter((name) => !before.includes(name));
    const space = spaceOf(this.dir);
    if (missing.length === 0 || !space) return;
    const size = stateFileBytes(space.total);
    const hasRoom = space.free >= ROOM * size * (STATE_FILES.length + STATE_FILES_IN_SPARE_FILE);
    if (hasRoom && this.make(missing, size)) {
      if (this.isReported) this.problem(`there is room on the disk of ${this.dir} again`);
      this.isReported = false;
    } else if (before.length > 0) this.report();
  }

  close(): void {
    reserves.delete(this);
    for (const timer of this.timers) clearTimeout(timer);
  }

  /** Returns false if not all of them could be made. */
  private make(names: readonly string[], size: number): boolean {
    // Zeros would take up nothing on a file system that compresses.
    const content = randomBytes(size);
    const large = Buffer.concat(Array(STATE_FILES_IN_SPARE_FILE).fill(content));
    return names.every((name) => this.makeOne(name, name === SPARE_FILE ? large : content));
  }

  private makeOne(name: string, content: Buffer): boolean {
    const path = join(this.folder, name);
    try {
      mkdirSync(this.folder, { recursive: true });
      writeNew(path, content);
      return true;
    } catch {
      rmSync(path, { force: true });
      return false;
    }
  }

  private report(): void {
    if (this.isReported) return;
    this.isReported = true;
    const free = sizeText(spaceOf(this.dir)?.free ?? 0);
    this.problem(
      `the disk of ${this.dir} is full (${free} free): the reserve is being used up; free some space`,
    );
  }

  /** Returns the names of those that take up space: a power cut may have emptied some. */
  private names(): string[] {
    try {
      return readdirSync(this.folder).filter((name) => statSync(join(this.folder, name)).size > 0);
    } catch {
      return [];
    }
  }
}

/** Returns the size of one file for a disk of this size. */
function stateFileBytes(totalBytes: number): number {
  const share = (totalBytes * MAX_SHARE) / (STATE_FILES.length + STATE_FILES_IN_SPARE_FILE);
  return Math.floor(Math.min(MAX_STATE_FILE_BYTES, Math.max(MIN_STATE_FILE_BYTES, share)));
}

function deviceOf(path: string): number | null {
  return statSync(path, { throwIfNoEntry: false })?.dev ?? null;
}
