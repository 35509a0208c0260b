import { closeSync, fsyncSync, openSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { FleetError, messageOf } from '../protocol/errors.ts';

/**
 * Replaces a file (0600) as a whole: a reader sees the old one or the new one. Nothing is synced, so a power cut may
 * bring back the old one or, on some file systems (XFS), leave an empty one: for what may be lost. Throws EIO; the old
 * file is untouched then.
 */
export function writeWhole(path: string, content: string | NodeJS.ArrayBufferView): void {
  replace(path, (temporary) => {
    writeFileSync(temporary, content, { mode: 0o600 });
    renameSync(temporary, path);
  });
}

/**
 * Replaces a file (0600) as a whole, and returns when no power cut can undo that: the file is synced before it is
 * renamed (else it may be empty), and its directory after that (else the rename may be lost); see fsync(2). Throws EIO;
 * the old file is untouched then, unless it was the directory that could not be synced.
 */
export function writeDurably(path: string, content: string | NodeJS.ArrayBufferView): void {
  replace(path, (temporary) => {
    // Opened first: if that fails, nothing has been changed yet.
    withOpen(dirname(path), 'r', (directory) => {
      withOpen(temporary, 'w', (file) => {
        writeFileSync(file, content);
        fsyncSync(file);
      });
      renameSync(temporary, path);
      syncEntries(directory);
    });
  });
}

/** Removes a file, if it is there, and returns when no power cut can bring it back. Throws EIO. */
export function removeDurably(path: string): void {
  try {
    withOpen(dirname(path), 'r', (directory) => {
      rmSync(path, { force: true });
      syncEntries(directory);
    });
  } catch (cause) {
    throw new FleetError('EIO', `cannot remove ${path}: ${messageOf(cause)}`, { cause });
  }
}

/** Removes, as far as it can, what killed writers left in a folder where nobody but the caller writes now. */
export function removeUnfinished(folder: string): void {
  let names: string[] = [];
  try {
    names = readdirSync(folder);
  } catch {
    // Whoever needs the folder will say what is wrong with it.
  }
  for (const name of names) if (/\.\d+\.tmp$/.test(name)) discard(join(folder, name));
}

/** The temporary file is this process's own: somebody else may be replacing the same file. */
function replace(path: string, write: (temporary: string) => void): void {
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    write(temporary);
  } catch (cause) {
    discard(temporary);
    throw new FleetError('EIO', `cannot write ${path}: ${messageOf(cause)}`, { cause });
  }
}

function discard(temporary: string): void {
  try {
    rmSync(temporary, { force: true });
  } catch {
    // It is in nobody's way.
  }
}

function withOpen(path: string, flags: 'r' | 'w', act: (fd: number) => void): void {
  const fd = openSync(path, flags, 0o600);
  try {
    act(fd);
  } finally {
    closeSync(fd);
  }
}

function syncEntries(directory: number): void {
  try {
    fsyncSync(directory);
  } catch (error) {
    if (!isUnsyncable(error)) throw error;
  }
}

/** True if a file system says that it cannot sync a directory, as some network file systems do: they offer no more. */
export function isUnsyncable(error: unknown): boolean {
  return ['EINVAL', 'ENOTSUP'].includes((error as NodeJS.ErrnoException).code ?? '');
}
