import { lstatSync, renameSync, type Stats } from 'node:fs';
import { FleetError, messageOf } from '../protocol/errors.ts';
import { targetOf } from './regular-file.ts';

/**
 * Renames a damaged file to `PATH.broken`, or `.broken-1` and so on if that exists. Returns the new name. Throws EIO.
 */
export function putAside(path: string): string {
  for (let n = 0; ; n++) {
    const aside = `${path}.broken${n === 0 ? '' : `-${n}`}`;
    if (lstatSync(aside, { throwIfNoEntry: false })) continue;
    try {
      renameSync(path, aside);
      return aside;
    } catch (cause) {
      throw new FleetError('EIO', `cannot rename ${path}: ${messageOf(cause)}`, { cause });
    }
  }
}

/**
 * Puts aside what is at a path if it is neither a regular file nor a link to one: a FIFO would block its reader. Returns
 * the new name; null if it is one, or if nothing is there. Throws EIO.
 */
export function putAsideUnlessFile(path: string): string | null {
  return putAsideUnless(path, (found) => found.isFile());
}

/** Puts aside what is at a path if it is not a folder, nor a link to one. Otherwise as {@link putAsideUnlessFile}. */
export function putAsideUnlessFolder(path: string): string | null {
  return putAsideUnless(path, (found) => found.isDirectory());
}

function putAsideUnless(path: string, isRight: (found: Stats) => boolean): string | null {
  if (lstatSync(path, { throwIfNoEntry: false }) === undefined) return null;
  const found = targetOf(path);
  return found !== null && isRight(found) ? null : putAside(path);
}
