import { chmodSync, lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Lets this user read their own files and use their own folders again, at a path and below it: what git cannot open, it
 * cannot mend. Returns how many were changed. Throws errors of the file system, as for a folder that belongs to another.
 */
export function restoreAccess(path: string): number {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found === undefined) return 0;
  const needed = found.isDirectory() ? 0o700 : found.isFile() ? 0o400 : 0;
  const isLocked = found.uid === process.geteuid?.() && (found.mode & needed) !== needed;
  if (isLocked) chmodSync(path, (found.mode & 0o7777) | needed);
  const inside = found.isDirectory() ? namesIn(path).map((name) => restoreAccess(join(path, name))) : [];
  return inside.reduce((sum, changed) => sum + changed, isLocked ? 1 : 0);
}

/** A git that is under way may remove a folder meanwhile. */
function namesIn(dir: string): string[] {
  try {
    return readdirSync(dir);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}
