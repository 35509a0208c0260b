import { closeSync, fstatSync, readSync } from 'node:fs';
import { openRegular } from '../../system/regular-file.ts';

/** The holes that cap.ts makes consist of whole blocks. */
const BLOCK_BYTES = 4096;
const ZEROS = Buffer.alloc(BLOCK_BYTES);

/**
 * Returns where the first whole line that was not removed begins, at `from` or later: the record of where a log begins
 * may be lost, or older than the last cut. A hole reads as zeros, which no program prints by the block. Returns `from`
 * if there is no file.
 */
export function frontOf(path: string, from: number): number {
  let fd: number | undefined;
  try {
    fd = openRegular(path, 'r');
    return lineAfterHole(fd, fstatSync(fd).size, from);
  } catch {
    return from;
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}

function lineAfterHole(fd: number, size: number, from: number): number {
  let low = Math.floor(from / BLOCK_BYTES);
  if (!isHole(block(fd, low))) return from;
  let high = Math.ceil(size / BLOCK_BYTES);
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (isHole(block(fd, middle))) low = middle + 1;
    else high = middle;
  }
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
