import { timingSafeEqual } from 'node:crypto';
import { EventEmitter } from 'node:events';
import { join } from 'node:path';
import { FleetError } from '../../protocol/errors.ts';
import { readJson, writeJson } from '../../system/json-file.ts';
import { OLD_SECRET, type Principal } from './principal.ts';
import { sha256 } from './tokens.ts';

/** The secrets of a hub, as SHA-256 in hex: the one that is in force, and those before. `until` is in ms since 1970. */
export interface Rotation {
  current: string;
  old: { hash: string; until: number }[];
}

/** A secret that somebody has shown. */
export interface KnownSecret {
  name: string;
  secret: string;
  /** When it is refused, in ms since 1970; null if that is not known. */
  expires: number | null;
  isValid(): boolean;
}

/** Old secrets that are remembered, so that whoever still has one is told so. */
const MAX_OLD = 100;
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/**
 * Returns the secrets of a hub that is started with `given`. One that was replaced stays replaced: the hub goes on with what
 * it knows of the new one. One that is none of these was given by hand, and makes all others void.
 */
export function startedWith(kept: Rotation | null, given: string): Rotation {
  const isKnown = kept?.current === given || kept?.old.some(({ hash }) => hash === given);
  return kept && isKnown ? kept : { current: given, old: [] };
}

/** Returns the secrets after the current one was replaced. */
export function rotated({ current, old }: Rotation, hash: string, until: number): Rotation {
  const others = old.filter((one) => one.hash !== hash);
  return { current: hash, old: [...others, { hash: current, until }].slice(-MAX_OLD) };
}

/**
 * The secret of a hub, and those that it had before, in `secret.json` (0600) once it was replaced. Emits `removed` when one
 * is refused from then on.
 */
export class Secrets extends EventEmitter<{ removed: [] }> {
  /** True if the hub was started with a secret that was replaced. */
  readonly isOutdated: boolean;
  private readonly path: string;
  private rotation: Rotation | null;
  private timer: NodeJS.Timeout | null = null;

  /** `secret`: what the hub is started with; undefined if it has none. Throws ECONFIG if the file is not one that a hub wrote. */
  constructor(dir: string, secret: string | undefined) {
    super();
    this.path = join(dir, 'secret.json');
    const kept = rotationIn(this.path);
    const given = secret === undefined ? null : sha256(secret).toString('hex');
    this.rotation = given === null ? null : startedWith(kept, given);
    this.isOutdated = given !== null && this.rotation?.current !== given;
    this.wait();
  }

  /** False if the hub lets everybody in. */
  get isNeeded(): boolean {
    return this.rotation !== null;
  }

  /** Returns the secret with this hash, also one that is refused by now; undefined if the hub never had it. */
  find(hash: Buffer): KnownSecret | undefined {
    if (!this.rotation) return undefined;
    const secret = hash.toString('hex');
    const known = { secret, isValid: () => this.isValid(secret) };
    if (timingSafeEqual(hash, Buffer.from(this.rotation.current, 'hex')))
      return { name: 'secret', expires: null, ...known };
    const old = this.rotation.old.find((one) => one.hash === secret);
    return old && { name: OLD_SECRET, expires: old.until, ...known };
  }

  /**
   * Replaces the secret by the one with this hash; the old one is refused after `graceMs`. Returns when, in ms since 1970.
   * Repeated, it changes nothing. Throws EFORBIDDEN unless `by` has the secret that is in force, EUSAGE at a hub without one.
   */
  rotate(by: Pick<Principal, 'secret'>, hash: string, graceMs: number): number {
    if (!this.rotation) throw new FleetError('EUSAGE', 'this hub has no secret; start it with --secret');
    const done = this.rotation.old.find((old) => old.hash === by.secret);
    if (hash === this.rotation.current && done) return done.until;
    if (by.secret !== this.rotation.current)
      throw new FleetError(
        'EFORBIDDEN',
        'only whoever has the secret of the hub that is in force can replace it',
      );
    if (hash === this.rotation.current)
      throw new FleetError('EUSAGE', 'this is the secret that it has already');
    const until = Date.now() + graceMs;
    const rotation = rotated(this.rotation, hash, until);
    writeJson(this.path, rotation);
    this.rotation = rotation;
    this.wait();
    // After the answer.
    if (graceMs === 0) setImmediate(() => this.emit('removed'));
    return until;
  }

  close(): void {
    if (this.timer) clearTimeout(this.timer);
  }

  private isValid(hash: string): boolean {
    const { current, old } = this.rotation ?? { current: '', old: [] };
    return hash === current || old.some((one) => one.hash === hash && Date.now() < one.until);
  }

  /** Tells when the next old secret is refused. What was let in with it, while it was in force, does not know that. */
  private wait(): void {
    this.close();
    const now = Date.now();
    const next = Math.min(...(this.rotation?.old ?? []).flatMap(({ until }) => (until > now ? [until] : [])));
    if (next === Number.POSITIVE_INFINITY) return;
    const act = () => {
      this.emit('removed');
      this.wait();
    };
    this.timer = setTimeout(act, Math.min(next - now, LONGEST_TIMER_MS)).unref();
  }
}

function rotationIn(path: string): Rotation | null {
  const read = readJson(path) as Partial<Rotation> | null | undefined;
  if (read === undefined) return null;
  const isHash = (hash: unknown) => typeof hash === 'string' && /^[0-9a-f]{64}$/.test(hash);
  const old =
    Array.isArray(read?.old) && read.old.every((one) => isHash(one?.hash) && Number.isFinite(one.until));
  if (isHash(read?.current) && old) return read as Rotation;
  throw new FleetError(
    'ECONFIG',
    `${path} is not a file that a hub wrote; move it away to take the secret that the hub is started with`,
  );
}
