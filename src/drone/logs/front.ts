import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

/** What cap.ts cuts away is a hole of whole blocks. */
const BLOCK_BYTES = 4096;
const ZEROS = Buffer.alloc(BLOCK_BYTES);

/**
 * Returns where in a log's file the first whole line begins that has not been cut away, for a log that nobody knows that
 * of any more: a hole reads as zeros, which no program prints by the block. 0 if there is no file.
 */
export function frontOf(path: string): number {
  let fd: number | undefined;
  try {
    fd = openSync(path, 'r');
    return front(fd, fstatSync(fd).size);
  } catch {
    return 0;
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}

function front(fd: number, size: number): number {
  let low = 0;
  let high = Math.ceil(size / BLOCK_BYTES);
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (isHole(block(fd, middle))) low = middle + 1;
    else high = middle;
  }
  if (low === 0) return 0;
  const newline = block(fd, low).indexOf(10);
  return Math.min(size, low * BLOCK_BYTES + newline + 1);
}

function block(fd: number, at: number): Buffer {
  const bytes = Buffer.alloc(BLOCK_BYTES);
  return bytes.subarray(0, readSync(fd, bytes, 0, BLOCK_BYTES, at * BLOCK_BYTES));
}

function isHole(bytes: Buffer): boolean {
  return bytes.equals(ZEROS.subarray(0, bytes.length));
}
