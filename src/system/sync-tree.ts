import { execFile } from 'node:child_process';
import { open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { isUnsyncable } from './write-whole.ts';

/**
 * Has the disk hold all files of these directories. `sync -f` (coreutils 8.24) asks the file system once, where a thousand
 * files asked for one by one wait for it a thousand times. Rejects if the disk does not take them.
 */
export async function syncTree(dirs: string[]): Promise<void> {
  try {
    await promisify(execFile)('sync', ['-f', ...dirs]);
  } catch {
    for (const dir of dirs) await syncOneByOne(dir);
  }
}

/** Has the disk hold a file, or what was made, renamed or removed in a directory. */
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
