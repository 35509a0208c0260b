import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { FleetError, messageOf } from '../protocol/errors.ts';
import { bootId, startTime } from './procfs.ts';

/** Who holds a lock. A pid alone may belong to another process by now. */
interface Holder {
  pid: number;
  started: number | null;
  boot: string;
}

function holderOf(path: string): Holder | null {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Holder;
  } catch {
    return null;
  }
}

function isLive({ pid, started, boot }: Holder): boolean {
  return boot === bootId() && startTime(pid) === started && started !== null;
}

/** Removes the lock of a dead process, but not one that another process has just put in its place. */
function takeAway(path: string, temporary: string): void {
  const aside = `${temporary}.dead`;
  try {
    renameSync(path, aside);
  } catch {
    return; // Another process was quicker.
  }
  const holder = holderOf(aside);
  if (holder && isLive(holder)) linkSync(aside, path);
  rmSync(aside, { force: true });
}

/** Locks a directory for one live process. Throws EINUSE, naming the holder; takes over the lock of a dead process. */
export async function acquireLock(path: string, what: string): Promise<{ release(): void }> {
  const own: Holder = { pid: process.pid, started: startTime(process.pid), boot: bootId() };
  const temporary = `${path}.${process.pid}`;
  try {
    writeFileSync(temporary, JSON.stringify(own), { mode: 0o600 });
    for (let tries = 0; tries < 3; tries++) {
      try {
        linkSync(temporary, path);
        return { release: () => rmSync(path, { force: true }) };
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
        const holder = holderOf(path);
        if (holder && isLive(holder)) {
          throw new FleetError(
            'EINUSE',
            `${what} is already running in this directory (pid ${holder.pid}); use another one`,
          );
        }
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
