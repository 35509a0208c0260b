import { createHash, randomBytes } from 'node:crypto';
import { renameSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import { FleetError } from '../protocol/errors.ts';
import * as s from '../protocol/words.ts';
import { readJson, writeJson } from '../system/json-file.ts';

/** Who a drone is, as `drone.json` keeps it over restarts. */
export interface Identity {
  /** Random and secret: whoever has it is this drone. */
  identity: string;
  /** The name that `--name` asked for. */
  wanted?: string | undefined;
  /** The name that the hub gave last. */
  name?: string | undefined;
}

const schema = v.object({ identity: s.key, wanted: v.optional(s.name), name: v.optional(s.name) });

/** Reads `drone.json`, or makes a new identity. A file that is broken is put aside, and `problem` is told. EIO. */
export function loadIdentity(dir: string, problem: (line: string) => void): Identity {
  const path = join(dir, 'drone.json');
  try {
    const read = readJson(path);
    if (read !== undefined) return v.parse(schema, read);
  } catch (error) {
    if (error instanceof FleetError && error.code === 'EIO') throw error;
    renameSync(path, `${path}.broken`);
    problem(`${path} was broken and is now ${path}.broken; this drone joins as a new one`);
  }
  return { identity: randomBytes(16).toString('hex') };
}

export function saveIdentity(dir: string, identity: Identity): void {
  writeJson(join(dir, 'drone.json'), identity);
}

/** What a drone marks its processes with: says whose they are, and gives nothing of the identity away. */
export function markOf(identity: string): string {
  return createHash('sha256').update(`run ${identity}`).digest('hex').slice(0, 16);
}
