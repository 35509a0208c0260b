import { readFileSync, realpathSync, statSync } from 'node:fs';

/** Where a drone's directory is. */
export interface Home {
  /** The machine, as the system identifies it (machine-id(5)); empty if it does not. */
  machine: string;
  path: string;
  /** The directory itself, whatever it is called: device and inode. */
  inode: string;
}

/** Returns where a directory is; null if it cannot be looked at. */
export function homeOf(dir: string): Home | null {
  try {
    const { dev, ino } = statSync(dir, { bigint: true });
    return { machine: machineId(), path: realpathSync(dir), inode: `${dev}:${ino}` };
  } catch {
    return null;
  }
}

/**
 * Returns true if this directory is a copy of one that is still there, on the same machine. One that was moved is not.
 * `identityIn` returns the identity of the drone in a directory.
 */
export function isCopy(
  now: Home,
  { home, identity }: { home: Home; identity: string },
  identityIn: (dir: string) => string | null,
): boolean {
  if (now.inode === home.inode || now.machine !== home.machine || now.path === home.path) return false;
  return identityIn(home.path) === identity;
}

function machineId(): string {
  try {
    return readFileSync('/etc/machine-id', 'utf8').trim();
  } catch {
    return '';
  }
}
