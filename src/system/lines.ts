const NEWLINE = 0x0a;

/** How much of a buffer tells whether its lines are short. */
const SAMPLE_BYTES = 1024;

/** Counts the newlines. */
export function countNewlines(bytes: Buffer): number {
  // A search is faster than a loop over the bytes, but not if lines are short: each search costs as much as twenty bytes.
  const search =
    bytes.length > 0 &&
    countBytes(bytes.subarray(0, SAMPLE_BYTES)) * 20 < Math.min(bytes.length, SAMPLE_BYTES);
  if (!search) return countBytes(bytes);
  let count = 0;
  for (let at = bytes.indexOf(NEWLINE); at >= 0; at = bytes.indexOf(NEWLINE, at + 1)) count++;
  return count;
}

function countBytes(bytes: Buffer): number {
  let count = 0;
  for (let at = 0; at < bytes.length; at++) if (bytes[at] === NEWLINE) count++;
  return count;
}

/** Returns the length of the whole lines in the first `length` bytes: up to and including the last newline, or 0. */
export function wholeLines(bytes: Buffer, length = bytes.length): number {
  return length === 0 ? 0 : bytes.lastIndexOf(NEWLINE, length - 1) + 1;
}

/**
 * Returns how many bytes, at most `length`, can be taken without splitting a UTF-8 character; all of them if none would
 * be left.
 */
export function utf8Length(bytes: Uint8Array, length = bytes.length): number {
  for (let back = 1; back <= 4 && back < length; back++) {
    const byte = bytes[length - back] ?? 0;
    if ((byte & 0xc0) === 0x80) continue;
    const needs = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1;
    return needs > back ? length - back : length;
  }
  return length;
}

/** Returns the lines of a text; a newline at its end does not begin another one. */
export function linesOf(text: string): string[] {
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  return lines;
}

/** Returns the text with a prefix before each line, and a newline at the end of the last. */
export function prefixLines(text: string, prefix: string): string {
  const lines = text.endsWith('\n') ? text.slice(0, -1) : text;
  return `${prefix}${lines.replaceAll('\n', `\n${prefix}`)}\n`;
}

/** Joins the pieces of a stream into lines. An unfinished line waits for its end, however long. */
export class LineBuffer {
  private rest: Buffer[] = [];

  /** Returns the lines that a piece completes, with their newlines; empty if it completes none. */
  push(piece: Buffer): Buffer {
    const end = wholeLines(piece);
    const whole = end === 0 ? Buffer.alloc(0) : this.take(piece.subarray(0, end));
    // A copy, because the piece may be a small part of a large message.
    if (end < piece.length) this.rest.push(Buffer.from(piece.subarray(end)));
    return whole;
  }

  /** Returns the unfinished line and clears it; empty if there is none. */
  end(): Buffer {
    return this.take(Buffer.alloc(0));
  }

  /** Returns the unfinished line; empty if there is none. */
  peek(): Buffer {
    if (this.rest.length > 1) this.rest = [Buffer.concat(this.rest)];
    return this.rest[0] ?? Buffer.alloc(0);
  }

  /** How many bytes the unfinished line has so far. */
  get length(): number {
    return this.rest.reduce((sum, { length }) => sum + length, 0);
  }

  /** True if there is no unfinished line. */
  get isEmpty(): boolean {
    return this.rest.length === 0;
  }

  private take(last: Buffer): Buffer {
    if (this.rest.length === 0) return last;
    const bytes = Buffer.concat([...this.rest, last]);
    this.rest = [];
    return bytes;
  }
}
