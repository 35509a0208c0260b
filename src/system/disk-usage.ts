import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** What lstat(2) counts in. */
const BLOCK_BYTES = 512;

/** Returns the bytes that a file or directory, with everything in it, takes on disk. What cannot be read counts 0. */
export async function diskUsage(path: string): Promise<number> {
  const found = await lstat(path).catch(() => null);
  if (!found) return 0;
  // Windows counts no blocks.
  let bytes = found.blocks === undefined ? found.size : found.blocks * BLOCK_BYTES;
  if (!found.isDirectory()) return bytes;
  for (const name of await readdir(path).catch(() => [])) bytes += await diskUsage(join(path, name));
  return bytes;
}
