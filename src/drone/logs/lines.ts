const NEWLINE = 10;

/** How many newlines there are in the first `length` bytes. */
export function countNewlines(bytes: Uint8Array, length = bytes.length): number {
  let count = 0;
  for (let i = 0; i < length; i++) if (bytes[i] === NEWLINE) count++;
  return count;
}

/** The length of the whole lines at the front: up to and with the last newline, 0 where there is none. */
export function wholeLines(bytes: Buffer, length = bytes.length): number {
  return length === 0 ? 0 : bytes.lastIndexOf(NEWLINE, length - 1) + 1;
}

/** The most bytes, at most `length`, that do not end in the middle of a UTF-8 character. */
export function utf8Length(bytes: Uint8Array, length = bytes.length): number {
  for (let back = 1; back <= 4 && back <= length; back++) {
    const byte = bytes[length - back] ?? 0;
    if ((byte & 0xc0) === 0x80) continue;
    const needs = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1;
    return needs > back ? length - back : length;
  }
  return length;
}
