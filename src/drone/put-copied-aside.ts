import { existsSync, mkdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { freeName } from '../protocol/names.ts';
import { DroneKey } from './key.ts';

/** What says which processes a drone has promised to run, and what they have printed. */
const FOLDERS = ['run', 'job', 'log'];

/**
 * Puts aside what a copied directory says of processes: they are those of the drone that it was copied from, and so is
 * its key, which is removed. Returns the name of the folder that has it now; null if there was nothing. Throws what the system says.
 */
export function putCopiedAside(dir: string): string | null {
  DroneKey.remove(dir);
  const found = FOLDERS.filter((name) => existsSync(join(dir, name)));
  if (found.length === 0) return null;
  const aside = freeName('copied', (name) => existsSync(join(dir, name)));
  mkdirSync(join(dir, aside), { mode: 0o700 });
  for (const name of found) renameSync(join(dir, name), join(dir, aside, name));
  return aside;
}
