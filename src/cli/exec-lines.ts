import { visible } from './visible.ts';

const NEWLINE = 0x0a;

/**
 * Puts a prefix before each line of a stream that comes in pieces. Lines come out whole, so that no character is torn
 * and no other process's output gets between; bytes stay what they are.
 */
export class LinePrefixer {
  private rest: Buffer[] = [];

  /** `prefix` is ASCII. */
  constructor(private readonly prefix: string) {}

  /** The lines that a piece completes, each with its newline, as latin1: one character for one byte. Else empty. */
  push(bytes: Buffer): string {
    const end = bytes.lastIndexOf(NEWLINE) + 1;
    if (end === 0) {
      if (bytes.length > 0) this.rest.push(bytes);
      return '';
    }
    const whole = this.take(bytes.subarray(0, end - 1));
    if (end < bytes.length) this.rest.push(bytes.subarray(end));
    return this.mark(whole);
  }

  /** The last line, where it had no newline; it gets one. */
  end(): string {
    return this.rest.length === 0 ? '' : this.mark(this.take(Buffer.alloc(0)));
  }

  private take(last: Buffer): string {
    const text = this.rest.length === 0 ? last : Buffer.concat([...this.rest, last]);
    this.rest = [];
    return text.toString('latin1');
  }

  private mark(text: string): string {
    return `${this.prefix}${text.replaceAll('\n', `\n${this.prefix}`)}\n`;
  }
}

/** Lines from a {@link LinePrefixer} as text for a terminal, in which nothing but the lines' own words is left. */
export function terminalText(latin1: string): string {
  return visible(Buffer.from(latin1, 'latin1').toString('utf8'));
}
