import { closeSync, constants, openSync, readSync, rmSync, statSync, writeSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { wholeLines } from '../../system/lines.ts';
import { type LogMeta, writeMeta } from './meta.ts';

const BLOCK = 4096;
/** How far back a newline is looked for: a line longer than this is taken in parts. */
const FAR = 256 * 1024;

/**
 * One process's log on disk: `ID.log`, which the process itself appends to, and `ID.json`, which says whose it is and
 * what of it is kept. All positions are offsets: bytes since the process's first, whatever was cut away since.
 */
export class LogFile {
  readonly path: string;
  readonly metaPath: string;
  readonly indexPath: string;
  /** The end of what has been seen of it. */
  end: number;
  /** The description in memory is newer than the one on disk, because the disk would not take it. */
  unsaved = false;

  constructor(
    folder: string,
    readonly meta: LogMeta,
  ) {
    const path = join(folder, meta.id);
    this.path = `${path}.log`;
    this.metaPath = `${path}.json`;
    this.indexPath = `${path}.idx`;
    this.end = meta.start;
  }

  /** Opens it as a process's output: every write goes to the end, whoever else writes. The caller closes it. */
  openForAppend(): number {
    return openSync(this.path, constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT, 0o600);
  }

  /**
   * Looks how long it is, and gives the bytes that are new. A file that somebody has emptied goes on where it ended:
   * offsets never run backwards.
   */
  see(): number {
    const stat = statSync(this.path, { throwIfNoEntry: false });
    if (!stat) return 0;
    const { meta } = this;
    if (meta.base + stat.size < this.end) {
      meta.base = this.end;
      meta.start = this.end;
      this.unsaved = true;
    }
    const grown = meta.base + stat.size - this.end;
    this.end += grown;
    return grown;
  }

  /** Reads into `buffer`; gives how many bytes there were. */
  readInto(buffer: Buffer, offset: number, length: number): number {
    const fd = openSync(this.path, 'r');
    try {
      return readSync(fd, buffer, 0, length, offset - this.meta.base);
    } finally {
      closeSync(fd);
    }
  }

  /** The bytes from `offset` on, at most `length`, without holding up anybody. */
  async read(offset: number, length: number): Promise<Buffer> {
    const file = await open(this.path, 'r');
    try {
      const buffer = Buffer.allocUnsafe(length);
      const { bytesRead } = await file.read(buffer, 0, length, offset - this.meta.base);
      return buffer.subarray(0, bytesRead);
    } finally {
      await file.close();
    }
  }

  /** The end of the last whole line; of everything, where the last line is finished for good or has no end in sight. */
  lineEnd(): number {
    const { start, stoppedAt } = this.meta;
    if (stoppedAt !== null) return this.end;
    for (let far = BLOCK; ; far = Math.min(FAR, far * 8)) {
      const from = Math.max(start, this.end - far);
      const buffer = Buffer.allocUnsafe(this.end - from);
      const whole = wholeLines(buffer, this.readInto(buffer, from, buffer.length));
      if (whole > 0) return from + whole;
      if (from === start) return start;
      if (far === FAR) return this.end;
    }
  }

  /** Ends an unfinished last line, so that the next run's first line stands alone. */
  endLine(): void {
    this.see();
    const last = Buffer.alloc(1);
    if (this.end === this.meta.start || this.readInto(last, this.end - 1, 1) === 0 || last[0] === 10) return;
    const fd = this.openForAppend();
    try {
      writeSync(fd, '\n');
    } finally {
      closeSync(fd);
    }
  }

  /** Writes the description. Throws EIO, and stays `unsaved` then. */
  save(): void {
    this.unsaved = true;
    writeMeta(this.metaPath, this.meta);
    this.unsaved = false;
  }

  remove(): void {
    for (const path of [this.path, this.indexPath, this.metaPath]) rmSync(path, { force: true });
  }
}
