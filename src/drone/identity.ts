import { createHash, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import { FleetError, messageOf } from '../protocol/errors.ts';
import * as s from '../protocol/words.ts';
import { writeJson } from '../system/json-file.ts';
import { putAside } from '../system/put-aside.ts';

/** Who a drone is, as `drone.json` keeps it over restarts. Keys that this fleet does not know stay in it. */
export interface Identity {
  /** Random and secret: whoever has it is this drone. */
  identity: string;
  /** The name that `--name` asked for. */
  wanted?: string | undefined;
  /** The name that the hub gave last. */
  name?: string | undefined;
}

const optionalName = v.fallback(v.optional(s.name), undefined);
const schema = v.looseObject({ identity: s.key, wanted: optionalName, name: optionalName });

/**
 * Reads `drone.json`, or makes a new identity, which is not saved yet. From a damaged file the identity itself is taken
 * if it is still in there; the file is put aside, and `problem` is told. Throws EIO.
 */
export function loadIdentity(dir: string, problem: (line: string) => void): Identity {
  const path = join(dir, 'drone.json');
  const text = readText(path);
  if (text === null) return newIdentity();
  try {
    return v.parse(schema, JSON.parse(text));
  } catch {
    const identity = /"identity":\s*"([0-9a-f]{32})"/.exec(text)?.[1];
    const then = identity ? 'all but the name of this drone is known' : 'this drone joins as a new one';
    problem(`${path} was damaged and is now ${putAside(path)}; ${then}`);
    return identity ? { identity } : newIdentity();
  }
}

/** Throws EIO. Nothing is written if it says that already: a drone starts on a full disk too. */
export function saveIdentity(dir: string, identity: Identity): void {
  const path = join(dir, 'drone.json');
  if (readText(path) !== `${JSON.stringify(identity, null, 2)}\n`) writeJson(path, identity);
}

/** Returns what a drone marks its processes with: it says whose they are, and gives nothing of the identity away. */
export function markOf(identity: string): string {
  return createHash('sha256').update(`run ${identity}`).digest('hex').slice(0, 16);
}

function newIdentity(): Identity {
  return { identity: randomBytes(16).toString('hex') };
}

function readText(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw new FleetError('EIO', `cannot read ${path}: ${messageOf(cause)}`, { cause });
  }
}
