import { closeSync, existsSync, linkSync, lstatSync, openSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SHARED_MEMORY } from '../../system/shared-memory.ts';

/** By then, whoever was given a port listens on it, which the system shows. */
const CLAIM_MS = 60_000;

/** Where all drones of a machine look, whatever their TMPDIR, and also those that have a /tmp of their own. */
const claims = () => (existsSync(SHARED_MEMORY) ? SHARED_MEMORY : tmpdir());

/**
 * Claims a port for the time until somebody listens on it, so that several drones on one machine do not give the same
 * one. Returns false if another drone has claimed it. Where claims cannot be written, everybody gets what they ask for.
 */
export function claimPort(port: number, folder = claims(), now = Date.now()): boolean {
  const path = pathOf(port, folder);
  try {
    return create(path) || (hasExpired(path, now) && takeOver(path, now));
  } catch {
    return true;
  }
}

/** Gives up a claim. Does nothing if there is none, or if it is somebody else's. */
export function releasePort(port: number, folder = claims()): void {
  try {
    rmSync(pathOf(port, folder), { force: true });
  } catch {
    // It is another user's, and ends by itself.
  }
}

const pathOf = (port: number, folder: string) => join(folder, `fleet-port-${port}`);

/** Returns false if there is a claim. */
function create(path: string): boolean {
  try {
    closeSync(openSync(path, 'wx', 0o600));
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/**
 * A claim that was given up in this moment has not expired: somebody listens on the port now. Anybody can write there, so a
 * time far ahead, and what a link points to, count for nothing.
 */
function hasExpired(path: string, now: number): boolean {
  const made = lstatSync(path, { throwIfNoEntry: false })?.mtimeMs;
  return made !== undefined && Math.abs(now - made) >= CLAIM_MS;
}

/** Replaces an expired claim. Returns false if another drone was quicker. */
function takeOver(path: string, now: number): boolean {
  const aside = `${path}.${process.pid}`;
  try {
    renameSync(path, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
  try {
    // Another drone may have replaced it since it was looked at.
    if (!hasExpired(aside, now)) {
      linkSync(aside, path);
      return false;
    }
    return create(path);
  } finally {
    rmSync(aside, { force: true });
  }
}
