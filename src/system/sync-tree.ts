import { execFile } from 'node:child_process';
import { open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { isUnsyncable } from './write-whole.ts';

/**
 * Syncs all files in these directories to disk. `sync -f` (coreutils 8.24) syncs the file system once; syncing a
 * thousand files one by one would wait for it a thousand times. Throws if the disk does not take them.
 */
export async function syncTree(dirs: string[]): Promise<void> {
  try {
    await promisify(execFile)('sync', ['-f', ...dirs]);
  } catch {
    for (const dir of dirs) await syncOneByOne(dir);
  }
}

/** Syncs a file to disk, or what was made, renamed or removed in a directory. */
export async function syncFile(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } catch (error) {
    if (!isUnsyncable(error)) throw error;
  } finally {
    await handle.close();
  }
}

async function syncOneByOne(dir: string): Promise<void> {
  for (const entry of await readdir(dir, { withFileTypes: true })) {
    const path = join(dir, entry.name);
    if (entry.isDirectory()) await syncOneByOne(path);
    else if (entry.isFile()) await syncFile(path);
  }
  await syncFile(dir);
}
