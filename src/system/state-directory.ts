import { closeSync, constants, existsSync, openSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { FleetError } from '../protocol/errors.ts';
import { targetOf } from './regular-file.ts';
import { demandPrivate } from './strict-modes.ts';

/** What is in the directory of a hub or a drone, as far as it is there. */
interface State {
  what: 'the hub' | 'the drone';
  /** What every start reads. */
  file: string;
  folders: readonly string[];
}

/** Checks that a hub or drone may use its directory. Throws ECONFIG, with what to do about it. */
export function demandSound(dir: string, state: State): void {
  demandFolders(dir, state.folders);
  demandPrivate(dir, state.folders);
  demandOwner(dir, state);
}

/** It may be something of the user's: nothing is put aside. */
function demandFolders(dir: string, folders: readonly string[]): void {
  for (const path of folders.map((folder) => join(dir, folder)))
    if (targetOf(path)?.isDirectory() === false)
      throw new FleetError('ECONFIG', `${path} is not a directory; move it away`);
}

/**
 * Checks that what is there can be read by who starts it now, and later by who has started it so far: root can read
 * everything, but leaves files that others cannot read.
 */
function demandOwner(dir: string, { what, file, folders }: State): void {
  const path = join(dir, file);
  if (!existsSync(path)) return;
  const { uid } = statSync(path);
  const own = process.geteuid?.();
  const name = nameOf(uid, readFileSync('/etc/passwd', 'utf8'));
  if (own === 0 && isOfOneUser(dir, uid, folders)) {
    const why = `${what} here belongs to ${name}, who could not read what root writes`;
    throw new FleetError('ECONFIG', `${why}; start it as that user, as with: sudo -u ${name} fleet`);
  }
  if (own !== uid && !isReadable(path)) {
    const self = nameOf(own ?? 0, readFileSync('/etc/passwd', 'utf8'));
    throw new FleetError(
      'ECONFIG',
      `${path} belongs to ${name}, and ${self} cannot read it: chown -R ${self} ${dir}`,
    );
  }
}

/** Returns the user's name in passwd(5), or the uid. */
export function nameOf(uid: number, passwd: string): string {
  const lines = passwd.split('\n').map((line) => line.split(':'));
  return lines.find(([, , id]) => id === String(uid))?.[0] || String(uid);
}

/** Returns true if everything is of a user who is not root: if root was here before, it is too late to refuse it. */
function isOfOneUser(dir: string, uid: number, folders: readonly string[]): boolean {
  const there = folders.map((folder) => join(dir, folder)).filter((path) => existsSync(path));
  const inside = there.flatMap((path) => readdirSync(path).map((name) => join(path, name)));
  const owners = [dir, ...there, ...inside].map((path) => targetOf(path)?.uid);
  return uid !== 0 && owners.every((owner) => owner !== 0);
}

function isReadable(path: string): boolean {
  try {
    closeSync(openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)); // A FIFO does not hold it up.
    return true;
  } catch {
    return false;
  }
}
