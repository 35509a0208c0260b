import { closeSync, openSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** By then, whoever was given a port listens on it, which the system shows. */
const CLAIM_MS = 60_000;

/**
 * Claims a port for the time until somebody listens on it, so that several drones on one machine do not give the same
 * one. Returns false if another drone has claimed it. Where claims cannot be written, everybody gets what they ask for.
 */
export function claimPort(port: number, folder = tmpdir(), now = Date.now()): boolean {
  const path = pathOf(port, folder);
  try {
    closeSync(openSync(path, 'wx', 0o600));
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') return true;
  }
  const made = statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  if (now - made < CLAIM_MS) return false;
  releasePort(port, folder);
  return true;
}

/** Gives up a claim. Does nothing if there is none, or if it is somebody else's. */
export function releasePort(port: number, folder = tmpdir()): void {
  try {
    rmSync(pathOf(port, folder), { force: true });
  } catch {
    // It is another user's, and ends by itself.
  }
}

const pathOf = (port: number, folder: string) => join(folder, `fleet-port-${port}`);
