import { createHash, randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import * as v from 'valibot';
import { FleetError, messageOf } from '../protocol/errors.ts';
import { toName } from '../protocol/names.ts';
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
  const path = pathIn(dir);
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
  const path = pathIn(dir);
  if (readText(path) !== `${JSON.stringify(identity, null, 2)}\n`) writeJson(path, identity);
}

/** Returns what a drone marks its processes with: it says whose they are, and gives nothing of the identity away. */
export function markOf(identity: string): string {
  return createHash('sha256').update(`run ${identity}`).digest('hex').slice(0, 16);
}

/** Who this drone is, from its start on. */
export class DroneIdentity {
  /** What its processes are marked with. */
  readonly mark: string;
  private identity: Identity;

  /** `wanted` is the name that was asked for, if one was. Throws EIO if nobody could know this drone again. */
  constructor(
    private readonly dir: string,
    wanted: string | undefined,
    private readonly problem: (line: string) => void,
  ) {
    this.identity = loadIdentity(dir, problem);
    this.mark = markOf(this.identity.identity);
    if (!existsSync(pathIn(dir))) saveIdentity(dir, this.identity);
    // A name that is asked for anew wins over the one that the hub gave before.
    if (wanted !== undefined && wanted !== this.identity.wanted) this.change({ wanted, name: wanted });
  }

  /** Random and secret: whoever has it is this drone. */
  get secret(): string {
    return this.identity.identity;
  }

  /** The name that the hub gave last, or else the one to ask it for. */
  get name(): string {
    return this.identity.name ?? this.identity.wanted ?? toName(hostname());
  }

  /** The hub has given this name. */
  rename(name: string): void {
    if (name !== this.identity.name) this.change({ name });
  }

  private change(names: Partial<Identity>): void {
    this.identity = { ...this.identity, ...names };
    try {
      saveIdentity(this.dir, this.identity);
    } catch (error) {
      this.problem(messageOf(error));
    }
  }
}

function newIdentity(): Identity {
  return { identity: randomBytes(16).toString('hex') };
}

function pathIn(dir: string): string {
  return join(dir, 'drone.json');
}

function readText(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw new FleetError('EIO', `cannot read ${path}: ${messageOf(cause)}`, { cause });
  }
}
