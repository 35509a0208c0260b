import { randomFillSync } from 'node:crypto';
import { closeSync, openSync, readSync } from 'node:fs';

const SOURCE = '/dev/urandom';
const POOL_BYTES = 1024;

const pool = Buffer.alloc(POOL_BYTES);
let left = 0;

/**
 * Returns up to 1024 random bytes that nobody can guess. They come from the kernel (urandom(4)), because to load node:crypto
 * takes longer than anything else that a command does before it connects.
 */
export function randomBytes(size: number): Buffer {
  if (left < size) refill();
  left -= size;
  return Buffer.from(pool.subarray(left, left + size));
}

function refill(): void {
  left = POOL_BYTES;
  try {
    const fd = openSync(SOURCE, 'r');
    try {
      if (readSync(fd, pool) === POOL_BYTES) return;
    } finally {
      closeSync(fd);
    }
  } catch {
    // There is no such file, as in some sandboxes.
  }
  randomFillSync(pool);
}
