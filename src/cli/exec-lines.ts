import { LineBuffer, prefixLines, utf8Length } from '../system/lines.ts';
import { visible } from '../system/visible.ts';
import type { OpenLine } from './open-line.ts';

const NEWLINE = 0x0a;

/**
 * Puts a prefix before each line of a stream that arrives in pieces. Lines are returned whole, so that no character is
 * split and the output of different processes does not mix within a line, or as far as they are when that is asked for. Bytes
 * are not changed. All text is latin1 (one character per byte).
 */
export class LinePrefixer {
  private readonly lines = new LineBuffer();
  /** How many bytes of the unfinished line were returned. */
  private shown = 0;

  /** `prefix` is ASCII; `open` is that of all who print to the same place. */
  constructor(
    private readonly prefix: string,
    private readonly open: OpenLine,
  ) {}

  /** True if there is something that `unfinished` would return. */
  get isWaiting(): boolean {
    return this.lines.length > this.shown;
  }

  /** Returns the lines that a piece completes, with their newlines; empty if none. */
  push(bytes: Buffer): string {
    return this.printed(this.lines.push(bytes));
  }

  /** Returns what is new of the unfinished line. */
  unfinished(): string {
    const bytes = this.lines.peek();
    const rest = bytes.toString('latin1', this.shown, utf8Length(bytes));
    if (rest === '') return '';
    const before = this.open.isOf(this) ? '' : `${this.open.close()}${this.prefix}`;
    this.shown += rest.length;
    this.open.open(this);
    return before + rest;
  }

  /** Returns the last line if it had no newline, with one added. */
  end(): string {
    return this.printed(this.lines.end());
  }

  private printed(lines: Buffer): string {
    if (lines.length === 0) return '';
    const rest = lines.subarray(this.shown);
    const continues = this.open.isOf(this);
    const end = this.open.close();
    const isShown = this.shown > 0;
    this.shown = 0;
    if (!isShown) return end + this.mark(lines);
    // Its end comes after it, or has come already, because others have printed meanwhile.
    const at = rest.indexOf(NEWLINE) + 1 || rest.length;
    const first = rest.toString('latin1', 0, at);
    const others = this.mark(rest.subarray(at));
    if (continues) return `${first.endsWith('\n') ? first : `${first}\n`}${others}`;
    return `${end}${first === '' || first === '\n' ? '' : this.mark(rest.subarray(0, at))}${others}`;
  }

  private mark(lines: Buffer): string {
    return lines.length === 0 ? '' : prefixLines(lines.toString('latin1'), this.prefix);
  }
}

/** Returns lines of a {@link LinePrefixer} as text that is safe for a terminal. */
export function terminalText(latin1: string): string {
  return visible(Buffer.from(latin1, 'latin1').toString('utf8'));
}
