import { existsSync, linkSync, realpathSync, renameSync, rmSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { FleetError, messageOf } from '../protocol/errors.ts';
import { isRefusedByDisk } from './disk-error.ts';
import { writeNew } from './new-file.ts';
import { bootId, startTime } from './procfs.ts';
import { readRegular } from './regular-file.ts';
import { SHARED_MEMORY } from './shared-memory.ts';

/** Who holds a lock. A pid alone may belong to another process by now. */
interface Holder {
  pid: number;
  started: number | null;
  boot: string;
  /** The directory that is locked, by device and inode, and by name; absent in locks of older versions. */
  inode?: string;
  home?: string;
}

function holderOf(path: string): Holder | null {
  try {
    return JSON.parse(readRegular(path)) as Holder;
  } catch {
    return null;
  }
}

/** Returns who holds the lock at `path`; null if nobody does. */
function liveHolderOf(path: string): Holder | null {
  const holder = holderOf(path);
  if (!holder) return null;
  const { pid, started, boot } = holder;
  const isLive = boot === bootId() && startTime(pid) === started && started !== null;
  return isLive && !isCopied(holder, dirname(path)) ? holder : null;
}

/** Returns true if the lock is that of another directory, which was copied while it was locked. */
function isCopied({ inode, home }: Holder, dir: string): boolean {
  const here = placeOf(dir);
  return inode !== undefined && inode !== here.inode && home !== here.home;
}

/** A directory may be reached by several names, and some file systems change inodes: it takes both to be another one. */
function placeOf(dir: string): Required<Pick<Holder, 'inode' | 'home'>> {
  const { dev, ino } = statSync(dir, { bigint: true });
  return { inode: `${dev}:${ino}`, home: realpathSync(dir) };
}

/** Removes the lock of a dead process or of a copied directory, but not one that another process has just put in its place. */
function takeAway(path: string, temporary: string): void {
  const aside = `${temporary}.dead`;
  try {
    renameSync(path, aside);
  } catch {
    return; // Another process was quicker.
  }
  if (liveHolderOf(aside)) linkSync(aside, path);
  rmSync(aside, { force: true });
}

/** A lock that is held; `problem` is why it could not be written where it belongs, or null. */
export interface Lock {
  problem: string | null;
  release(): void;
}

/**
 * Locks a directory for one live process. Throws EINUSE, naming the holder; takes over that of a dead process, and one that was
 * copied with another directory. If the
 * disk is full or read-only the lock is kept in memory, for all processes of this user. Throws EIO.
 */
export async function acquireLock(path: string, what: string): Promise<Lock> {
  const spare = sparePathOf(path);
  refuseIfHeld(path, what);
  if (isOwn(spare)) refuseIfHeld(spare, what);
  try {
    return { problem: null, release: lockByFile(path, what) };
  } catch (error) {
    if (!isRefusedByDisk(error) || !existsSync(SHARED_MEMORY)) throw error;
    return { problem: messageOf(error), release: lockByFile(spare, what) };
  }
}

/** Named after the directory, wherever links lead to it. */
function sparePathOf(path: string): string {
  const { dev, ino } = statSync(dirname(path), { throwIfNoEntry: false }) ?? {};
  return join(SHARED_MEMORY, `fleet-${process.getuid?.()}-${dev}-${ino}-${basename(path)}`);
}

/** Anybody may write there. */
function isOwn(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.uid === process.getuid?.();
}

function refuseIfHeld(path: string, what: string): void {
  const holder = liveHolderOf(path);
  if (!holder) return;
  const message = `${what} is already running in this directory (pid ${holder.pid}); use another one`;
  throw new FleetError('EINUSE', message);
}

/** Returns the function that gives it back. */
function lockByFile(path: string, what: string): () => void {
  const self = { pid: process.pid, started: startTime(process.pid), boot: bootId() };
  const temporary = `${path}.${process.pid}`;
  try {
    const own: Holder = { ...self, ...placeOf(dirname(path)) };
    writeNew(temporary, JSON.stringify(own));
    for (let tries = 0; tries < 3; tries++) {
      try {
        linkSync(temporary, path);
        return () => discard(path);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
        refuseIfHeld(path, what);
        takeAway(path, temporary);
      }
    }
    throw new FleetError('EINUSE', `${what} is starting in this directory at the same time; use another one`);
  } catch (cause) {
    if (cause instanceof FleetError) throw cause;
    throw new FleetError('EIO', `cannot write ${path}: ${messageOf(cause)}`, { cause });
  } finally {
    rmSync(temporary, { force: true });
  }
}

/** A lock that cannot be removed is that of a dead process soon. */
function discard(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {
    // The disk is read-only by now.
  }
}
