import { createHash, randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import * as v from 'valibot';
import { FleetError, messageOf } from '../protocol/errors.ts';
import { toName } from '../protocol/names.ts';
import * as s from '../protocol/words.ts';
import { writeJson } from '../system/json-file.ts';
import { putAside } from '../system/put-aside.ts';
import { readRegular } from '../system/regular-file.ts';
import { type Home, homeOf, isCopy } from './home.ts';
import { putCopiedAside } from './put-copied-aside.ts';

/** Who a drone is, as stored in `drone.json`. Keys that this version does not know are kept. */
export interface Identity {
  /** Random and secret: whoever knows it can act as this drone. */
  identity: string;
  /** The name given with `--name`. */
  wanted?: string | undefined;
  /** The last name that the hub gave it. */
  name?: string | undefined;
  /** Where it was when it last started. */
  home?: Home | undefined;
  /** What marks its processes, if that does not follow from the identity. */
  mark?: string | undefined;
}

const optionalName = v.fallback(v.optional(s.name), undefined);
const home = v.object({ machine: v.string(), path: v.string(), inode: v.string() });
const schema = v.looseObject({
  identity: s.key,
  wanted: optionalName,
  name: optionalName,
  home: v.fallback(v.optional(home), undefined),
  mark: v.fallback(v.optional(v.pipe(v.string(), v.regex(/^[0-9a-f]{16}$/))), undefined),
});

/**
 * Reads `drone.json`, or makes a new identity, which is not saved yet. If the file is damaged, the identity is
 * recovered from it if it can be; the file is put aside, and `problem` gets a line about it. Throws EIO.
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

/** Throws EIO. Writes nothing if the content is the same, so that a drone can start on a full disk. */
export function saveIdentity(dir: string, identity: Identity): void {
  const path = pathIn(dir);
  if (readText(path) !== `${JSON.stringify(identity, null, 2)}\n`) writeJson(path, identity);
}

/** Returns the mark of a drone's processes: it says whose they are without revealing the identity. */
export function markOf(identity: string): string {
  return createHash('sha256').update(`run ${identity}`).digest('hex').slice(0, 16);
}

/** Who this drone is, while it runs. */
export class DroneIdentity {
  /** The mark of its processes. */
  readonly mark: string;
  private identity: Identity;

  /** `wanted` is the name given with `--name`, if any. Throws EIO if a new identity cannot be saved. */
  constructor(
    private readonly dir: string,
    wanted: string | undefined,
    private readonly problem: (line: string) => void,
  ) {
    this.identity = loadIdentity(dir, problem);
    this.settleIn();
    this.mark = this.identity.mark ?? markOf(this.identity.identity);
    if (!existsSync(pathIn(dir))) saveIdentity(dir, this.identity);
    // A new --name takes precedence over the name that the hub gave before.
    if (wanted !== undefined && wanted !== this.identity.wanted) this.change({ wanted, name: wanted });
  }

  /** Random and secret: whoever knows it can act as this drone. */
  get secret(): string {
    return this.identity.identity;
  }

  /** The last name that the hub gave it, or else the one to ask for. */
  get name(): string {
    return this.identity.name ?? this.identity.wanted ?? toName(hostname());
  }

  /** Saves the name that the hub gave. */
  rename(name: string): void {
    if (name !== this.identity.name) this.change({ name });
  }

  /**
   * Becomes a drone of its own: the hub has another one with this identity, from which this directory was copied. The
   * mark of its processes stays what it is.
   */
  renew(): void {
    const { wanted, home } = this.identity;
    const mark = this.mark;
    this.identity = { ...newIdentity(), wanted, home, mark };
    this.change({});
  }

  /** Notes where this directory is. A copy of one that is still there on this machine is a new drone from now on. */
  private settleIn(): void {
    const now = homeOf(this.dir);
    if (!now) return;
    const { home, identity, wanted } = this.identity;
    if (home && isCopy(now, { home, identity }, identityIn)) {
      this.identity = { ...newIdentity(), wanted };
      const aside = putCopiedAside(this.dir);
      const what =
        aside === null ? '' : `; its processes and logs are those of the other, and are in ${aside}/`;
      this.problem(
        `this directory is a copy of ${home.path}, so it is a drone of its own from now on${what}`,
      );
    }
    if (JSON.stringify(home) !== JSON.stringify(now)) this.change({ home: now });
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

function identityIn(dir: string): string | null {
  try {
    return v.parse(schema, JSON.parse(readRegular(pathIn(dir)))).identity;
  } catch {
    return null;
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
    return readRegular(path);
  } catch (cause) {
    if (cause instanceof FleetError) return ''; // What is no file is damaged, as an empty one is.
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw new FleetError('EIO', `cannot read ${path}: ${messageOf(cause)}`, { cause });
  }
}
