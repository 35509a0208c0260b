import { LineBuffer, prefixLines } from '../system/lines.ts';
import { visible } from './visible.ts';

/**
 * Puts a prefix before each line of a stream that arrives in pieces. It returns whole lines only, so that no character is
 * split and the output of different processes does not mix within a line. Bytes are not changed.
 */
export class LinePrefixer {
  private readonly lines = new LineBuffer();

  /** `prefix` is ASCII. */
  constructor(private readonly prefix: string) {}

  /** Returns the lines that a piece completes, with their newlines, as latin1 (one character per byte); empty if none. */
  push(bytes: Buffer): string {
    return this.mark(this.lines.push(bytes));
  }

  /** Returns the last line if it had no newline, with one added. */
  end(): string {
    return this.mark(this.lines.end());
  }

  private mark(lines: Buffer): string {
    return lines.length === 0 ? '' : prefixLines(lines.toString('latin1'), this.prefix);
  }
}

/** Returns lines of a {@link LinePrefixer} as text that is safe for a terminal. */
export function terminalText(latin1: string): string {
  return visible(Buffer.from(latin1, 'latin1').toString('utf8'));
}
