import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { FleetError, messageOf } from '../protocol/errors.ts';

/** Writes JSON atomically, for its owner's eyes only (0600): the file is the old one or the new one. EIO. */
export function writeJson(path: string, value: unknown): void {
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    const fd = openSync(temporary, 'w', 0o600);
    try {
      writeSync(fd, `${JSON.stringify(value, null, 2)}\n`);
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
    renameSync(temporary, path);
  } catch (cause) {
    rmSync(temporary, { force: true });
    throw new FleetError('EIO', `cannot write ${path}: ${messageOf(cause)}`, { cause });
  }
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
