import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { FleetError, messageOf } from '../protocol/errors.ts';
import { readRegularIfThere } from './regular-file.ts';
import { writeDurably } from './write-whole.ts';

/** Replaces a file (0600) with JSON, durably: it survives a power failure. Throws EIO. */
export function writeJson(path: string, value: unknown): void {
  writeDurably(path, jsonText(value));
}

/** Returns JSON as it is in files. */
export function jsonText(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

/** Returns the JSON in a file; undefined if there is none. Throws ECONFIG if it is not JSON or no regular file, and EIO. */
export function readJson(path: string): unknown {
  let text: string | null;
  try {
    text = readRegularIfThere(path);
  } catch (cause) {
    if (cause instanceof FleetError) throw cause;
    throw new FleetError('EIO', `cannot read ${path}: ${messageOf(cause)}`, { cause });
  }
  if (text === null) return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    throw new FleetError('ECONFIG', `${path} is broken: ${messageOf(cause)}; fix it or move it away`, {
      cause,
    });
  }
}

/** Creates a directory, for the user alone unless `mode` says otherwise, and its parents, as usual. Throws EIO. */
export function makeDirectory(path: string, mode = 0o700): void {
  try {
    mkdirSync(dirname(path), { recursive: true });
    mkdirSync(path, { recursive: true, mode });
  } catch (cause) {
    throw new FleetError('EIO', `cannot create the directory ${path}: ${messageOf(cause)}`, { cause });
  }
}
