import { LineBuffer, prefixLines } from '../system/lines.ts';
import { visible } from './visible.ts';

/**
 * Puts a prefix before each line of a stream that comes in pieces. Lines come out whole, so that no character is torn
 * and no other process's output gets between; bytes stay what they are.
 */
export class LinePrefixer {
  private readonly lines = new LineBuffer();

  /** `prefix` is ASCII. */
  constructor(private readonly prefix: string) {}

  /** Returns the lines that a piece completes as latin1, one character for one byte; empty if it completes none. */
  push(bytes: Buffer): string {
    return this.mark(this.lines.push(bytes));
  }

  /** Returns the last line, if it had no newline; it gets one. */
  end(): string {
    return this.mark(this.lines.end());
  }

  private mark(lines: Buffer): string {
    return lines.length === 0 ? '' : prefixLines(lines.toString('latin1'), this.prefix);
  }
}

/** Returns lines from a {@link LinePrefixer} as text for a terminal, with nothing in it but the words of the lines. */
export function terminalText(latin1: string): string {
  return visible(Buffer.from(latin1, 'latin1').toString('utf8'));
}
