import { lstatSync, openSync, readFileSync, type Stats, statSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { FleetError } from '../protocol/errors.ts';

// Daemons read and write the files in their directory only if these are regular ones, or links to one. A FIFO would hold
// up whoever opens it, and a device may have no end. What a user names on the command line may be either, as <(command) is.

/** Returns the text of a regular file. Throws ECONFIG for anything else, and errors of the file system, as ENOENT. */
export function readRegular(path: string): string {
  demandRegular(path);
  return readFileSync(path, 'utf8');
}

/**
 * The same; returns null if nothing is there. A link to nowhere is something: what it leads to may be on a disk that is
 * not mounted yet, and must not be made anew.
 */
export function readRegularIfThere(path: string): string | null {
  return lstatSync(path, { throwIfNoEntry: false }) === undefined ? null : readRegular(path);
}

/** Returns the text of a regular file, without holding anything up; null if it cannot be read, or is something else. */
export async function regularText(path: string): Promise<string | null> {
  try {
    return (await stat(path)).isFile() ? await readFile(path, 'utf8') : null;
  } catch {
    return null;
  }
}

/** Opens a regular file, or makes one (0600). Throws as `readRegular` does. The caller closes it. */
export function openRegular(path: string, flags: string | number): number {
  demandRegular(path);
  return openSync(path, flags, 0o600);
}

/** Throws ECONFIG if something is at a path that is not a regular file. */
export function demandRegular(path: string): void {
  if (targetOf(path)?.isFile() === false)
    throw new FleetError('ECONFIG', `${path} is broken: it is not a file; move it away`);
}

/** Returns what a path leads to; null if that is nothing, as with a link to nowhere or in a circle. Throws other errors. */
export function targetOf(path: string): Stats | null {
  try {
    return statSync(path);
  } catch (error) {
    if (['ENOENT', 'ELOOP', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return null;
    throw error;
  }
}
