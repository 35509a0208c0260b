import { existsSync, statfsSync } from 'node:fs';
import { dirname } from 'node:path';

/** The space of a file system, in bytes. */
export interface Space {
  /** What users other than root can still write, as df(1) shows it. */
  free: number;
  total: number;
}

/** Returns the space of the file system that a path is on, or will be once it exists; null if it is not known. */
export function spaceOf(path: string): Space | null {
  try {
    const { bavail, blocks, bsize } = statfsSync(existing(path));
    return blocks > 0 ? { free: bavail * bsize, total: blocks * bsize } : null;
  } catch {
    return null;
  }
}

function existing(path: string): string {
  const above = dirname(path);
  return existsSync(path) || above === path ? path : existing(above);
}
