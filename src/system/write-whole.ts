import { closeSync, fsyncSync, openSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { FleetError, messageOf } from '../protocol/errors.ts';
import { openNew, openNewFile, writeNew } from './new-file.ts';
import { withReserve } from './reserve.ts';

/**
 * Replaces a whole file (0600): a reader sees the old one or the new one. Nothing is synced, so a power failure may
 * bring back the old one or, on some file systems (XFS), leave an empty one; use it for what may be lost. Throws EIO;
 * the old file is untouched then.
 */
export function writeWhole(path: string, content: string | NodeJS.ArrayBufferView): void {
  replace(path, (temporary) => {
    writeNew(temporary, content);
    renameSync(temporary, path);
  });
}

/**
 * Replaces a whole file (0600): a reader sees the old one or the new one, also after a power failure, because the file
 * is synced before it is renamed. Which of the two that is after a power failure is not known. Throws EIO; the old file
 * is untouched then.
 */
export function writeCrashSafe(path: string, content: string | NodeJS.ArrayBufferView): void {
  replace(path, (temporary) => {
    writeSynced(temporary, content);
    renameSync(temporary, path);
  });
}

/**
 * Replaces a whole file (0600), and returns when a power failure can no longer undo that: the file is synced before it
 * is renamed (or it may be empty), and its directory after that (or the rename may be lost); see fsync(2). Throws EIO;
 * the old file is untouched then, unless it was the directory that could not be synced.
 */
export function writeDurably(path: string, content: string | NodeJS.ArrayBufferView): void {
  replace(path, (temporary) => {
    // Opened first: if that fails, nothing has been changed yet.
    withDirectory(dirname(path), (directory) => {
      writeSynced(temporary, content);
      renameSync(temporary, path);
      syncEntries(directory);
    });
  });
}

/**
 * Replaces a whole file as `writeCrashSafe` does, with these permissions, and holds nothing up meanwhile. Only one such call
 * may be under way for a file. Rejects with errors of the file system; the old file is untouched then.
 */
export async function replaceCrashSafe(path: string, text: string, mode = 0o600): Promise<void> {
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    const file = await openNewFile(temporary, mode);
    try {
      await file.chmod(mode & 0o777); // Whatever the umask takes away.
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    discard(temporary);
    throw error;
  }
}

/** Removes a file, if it exists, and returns when a power failure can no longer bring it back. Throws EIO. */
export function removeDurably(path: string): void {
  try {
    withReserve(path, () =>
      withDirectory(dirname(path), (directory) => {
        rmSync(path, { force: true });
        syncEntries(directory);
      }),
    );
  } catch (cause) {
    throw new FleetError('EIO', `cannot remove ${path}: ${messageOf(cause)}`, { cause });
  }
}

/** Removes what killed writers left in a folder that only the caller writes to, as far as possible. */
export function removeUnfinished(folder: string): void {
  let names: string[] = [];
  try {
    names = readdirSync(folder);
  } catch {
    // Whoever needs the folder will report what is wrong with it.
  }
  for (const name of names) if (/\.\d+\.tmp$/.test(name)) discard(join(folder, name));
}

/** The temporary file belongs to this process alone: another one may be replacing the same file. */
function replace(path: string, write: (temporary: string) => void): void {
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    withReserve(path, () => orDiscard(temporary, write));
  } catch (cause) {
    throw new FleetError('EIO', `cannot write ${path}: ${messageOf(cause)}`, { cause });
  }
}

function orDiscard(temporary: string, write: (temporary: string) => void): void {
  try {
    write(temporary);
  } catch (error) {
    discard(temporary);
    throw error;
  }
}

function discard(temporary: string): void {
  try {
    rmSync(temporary, { force: true });
  } catch {
    // A leftover does no harm.
  }
}

function writeSynced(path: string, content: string | NodeJS.ArrayBufferView): void {
  closing(openNew(path), (file) => {
    writeFileSync(file, content);
    fsyncSync(file);
  });
}

function withDirectory(path: string, act: (directory: number) => void): void {
  closing(openSync(path, 'r'), act);
}

function closing(fd: number, act: (fd: number) => void): void {
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

/** Returns true if a file system reports that it cannot sync a directory, as some network file systems do. */
export function isUnsyncable(error: unknown): boolean {
  return ['EINVAL', 'ENOTSUP'].includes((error as NodeJS.ErrnoException).code ?? '');
}
