import { closeSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { type FileHandle, open, rm } from 'node:fs/promises';

// Temporary files have names that others can guess. With O_EXCL, open(2) neither takes a file that is there nor follows a
// link. What is there was left by a process that was killed and had the same pid, or put there to be followed.

/** Opens a file that was not there before for writing; one that is there is removed. Throws errors of the file system. */
export function openNew(path: string, mode = 0o600): number {
  try {
    return openSync(path, 'wx', mode);
  } catch (error) {
    if (!isThere(error)) throw error;
    rmSync(path, { force: true });
    return openSync(path, 'wx', mode);
  }
}

/** Writes a file (0600) that was not there before, as `openNew` opens it. Throws errors of the file system. */
export function writeNew(path: string, content: string | NodeJS.ArrayBufferView): void {
  const fd = openNew(path);
  try {
    writeFileSync(fd, content);
  } finally {
    closeSync(fd);
  }
}

/** The same as `openNew`, and holds nothing up meanwhile. */
export async function openNewFile(path: string, mode = 0o600): Promise<FileHandle> {
  try {
    return await open(path, 'wx', mode);
  } catch (error) {
    if (!isThere(error)) throw error;
    await rm(path, { force: true });
    return open(path, 'wx', mode);
  }
}

function isThere(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'EEXIST';
}
