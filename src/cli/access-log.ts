import { closeSync, createWriteStream, openSync, type WriteStream } from 'node:fs';
import { resolve } from 'node:path';
import { FleetError, messageOf } from '../protocol/errors.ts';
import { visibleJson } from '../system/visible.ts';
import { note, type Output, type Surroundings } from './io.ts';

/** More than that which a slow disk or reader has not taken yet, and lines are lost: requests do not wait for them. */
const MAX_WAITING_BYTES = 8 << 20;

const MODE = 0o640;

/** A log of requests, a line of JSON each. */
export class AccessLog {
  private stream: NodeJS.WritableStream;
  private lost = 0;

  private constructor(
    private readonly path: string | null,
    private readonly io: Output,
  ) {
    this.stream = path === null ? io.stdout : this.open(path);
  }

  /**
   * Returns the log in a file, or on standard output if that is `-`; null without a name. Throws EIO if the file cannot be
   * written.
   */
  static of(name: string | undefined, io: Output & Surroundings): AccessLog | null {
    if (name === undefined) return null;
    if (name === '-') return new AccessLog(null, io);
    const path = resolve(io.cwd, name);
    try {
      closeSync(openSync(path, 'a', MODE));
    } catch (cause) {
      throw new FleetError('EIO', `cannot write ${path}: ${messageOf(cause)}`, { cause });
    }
    return new AccessLog(path, io);
  }

  write(entry: object): void {
    if (this.stream.writable && (this.stream as WriteStream).writableLength < MAX_WAITING_BYTES) {
      this.stream.write(`${visibleJson(entry)}\n`);
      if (this.lost > 0) note(this.io, `the access log lacks ${this.lost} requests`);
      this.lost = 0;
    } else this.lost++;
  }

  /** Opens the file anew: the old one was moved away. */
  reopen(): void {
    if (this.path === null) return;
    this.close();
    this.stream = this.open(this.path);
  }

  close(): void {
    if (this.path !== null) this.stream.end();
  }

  private open(path: string): WriteStream {
    const stream = createWriteStream(path, { flags: 'a', mode: MODE });
    return stream.on('error', (error) => note(this.io, `cannot write ${path}: ${messageOf(error)}`));
  }
}
