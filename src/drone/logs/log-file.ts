import { closeSync, constants, readSync, rmSync, statSync, writeSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { MAX_LINE_BYTES } from '../../protocol/limits.ts';
import { wholeLines } from '../../system/lines.ts';
import { openRegular } from '../../system/regular-file.ts';
import { withReserve } from '../../system/reserve.ts';
import { type LogMeta, writeMeta } from './meta.ts';

const BLOCK_BYTES = 4096;

/**
 * One process's log on disk: `ID.log`, which its output is appended to (pump.ts), and `ID.json`, which says whose it is and
 * what of it is kept. All positions are offsets: bytes since the process's first one, including those removed since.
 */
export class LogFile {
  readonly path: string;
  readonly metaPath: string;
  readonly indexPath: string;
  readonly marksPath: string;
  /** The end of the file when it was last checked. */
  end: number;
  /** True if the description in memory is newer than the one on disk, because it could not be written. */
  unsaved = false;

  constructor(
    folder: string,
    readonly meta: LogMeta,
  ) {
    const path = join(folder, meta.id);
    this.path = `${path}.log`;
    this.metaPath = `${path}.json`;
    this.indexPath = `${path}.idx`;
    this.marksPath = `${path}.marks`;
    this.end = meta.start;
  }

  /** Opens it for a process's output: every write goes to the end, whoever else writes. The caller closes it. */
  openForAppend(): number {
    const flags = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT;
    return withReserve(this.path, () => openRegular(this.path, flags));
  }

  /**
   * Checks the length of the file, and returns how many bytes are new. If somebody has emptied the file, it continues
   * at its former end: offsets never go backwards.
   */
  refresh(): number {
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

  /** Reads into `buffer`, and returns the number of bytes read. */
  readInto(buffer: Buffer, offset: number, length: number): number {
    const fd = openRegular(this.path, 'r');
    try {
      return readSync(fd, buffer, 0, length, offset - this.meta.base);
    } finally {
      closeSync(fd);
    }
  }

  /** Returns the bytes from `offset` on, at most `length`, without blocking. */
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

  /** Returns the end of the last whole line, or of the log if its last line is final or has no end near. */
  lineEnd(): number {
    const { start, stoppedAt } = this.meta;
    if (stoppedAt !== null) return this.end;
    for (let far = BLOCK_BYTES; ; far = Math.min(MAX_LINE_BYTES, far * 8)) {
      const from = Math.max(start, this.end - far);
      const buffer = Buffer.allocUnsafe(this.end - from);
      const whole = wholeLines(buffer, this.readInto(buffer, from, buffer.length));
      if (whole > 0) return from + whole;
      if (from === start) return start;
      if (far === MAX_LINE_BYTES) return this.end;
    }
  }

  /** Ends an unfinished last line, so that the next run's first line is separate. */
  endLine(): void {
    this.refresh();
    const last = Buffer.alloc(1);
    if (this.end === this.meta.start || this.readInto(last, this.end - 1, 1) === 0 || last[0] === 10) return;
    const fd = this.openForAppend();
    try {
      withReserve(this.path, () => writeSync(fd, '\n'));
    } finally {
      closeSync(fd);
    }
  }

  /** Writes the description. Throws EIO, and is `unsaved` then. */
  save(): void {
    this.unsaved = true;
    writeMeta(this.metaPath, this.meta);
    this.unsaved = false;
  }

  remove(): void {
    for (const path of [this.path, this.indexPath, this.marksPath, this.metaPath])
      rmSync(path, { force: true });
  }
}
