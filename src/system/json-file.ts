import { mkdirSync, readFileSync } from 'node:fs';
import { FleetError, messageOf } from '../protocol/errors.ts';
import { writeDurably } from './write-whole.ts';

/** Replaces a file (0600) by JSON; when it returns, no power cut can undo that. Throws EIO. */
export function writeJson(path: string, value: unknown): void {
  writeDurably(path, `${JSON.stringify(value, null, 2)}\n`);
}

/** The JSON of a file; undefined where there is none. ECONFIG names a file that is broken. */
export function readJson(path: string): unknown {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new FleetError('EIO', `cannot read ${path}: ${messageOf(cause)}`, { cause });
  }
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    throw new FleetError('ECONFIG', `${path} is broken: ${messageOf(cause)}; mend it or move it away`, {
      cause,
    });
  }
}

/** Makes a directory and its parents. EIO. */
export function makeDirectory(path: string): void {
  try {
    mkdirSync(path, { recursive: true });
  } catch (cause) {
    throw new FleetError('EIO', `cannot make the directory ${path}: ${messageOf(cause)}`, { cause });
  }
}
