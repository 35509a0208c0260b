import { timingSafeEqual } from 'node:crypto';
import { EventEmitter } from 'node:events';
import { FleetError } from '../../protocol/errors.ts';
import { KeptRecords } from '../store/kept-records.ts';
import { notWritten } from '../store/not-written.ts';
import type { Entry, Store } from '../store/store.ts';
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
  return kept && knows(kept, given) ? kept : { current: given, old: [] };
}

/** Returns true if this is one of these secrets, also if it is refused by now. */
export function knows({ current, old = [] }: Partial<Rotation>, hash: string): boolean {
  return current === hash || old.some((one) => one.hash === hash);
}

/** Returns the secrets after the current one was replaced. */
export function rotated({ current, old }: Rotation, hash: string, until: number): Rotation {
  const others = old.filter((one) => one.hash !== hash);
  return { current: hash, old: [...others, { hash: current, until }].slice(-MAX_OLD) };
}

const KEY = 'secret';

/**
 * The secret of a hub, and those that it had before, which are stored once it was replaced. Emits `removed` when one is refused
 * from then on.
 */
export class Secrets extends EventEmitter<{ removed: [] }> {
  private rotation: Rotation | null;
  private timer: NodeJS.Timeout | null = null;

  /** `given` is the hash of the secret that the hub is started with; null if it has none. */
  private constructor(
    private readonly kept: KeptRecords<Rotation>,
    private readonly given: string | null,
  ) {
    super();
    this.rotation = this.rotationOf(kept.all);
    kept.follow(() => {
      const before = this.rotation;
      this.rotation = this.rotationOf(kept.all);
      const isRefused = before && !this.isValid(before.current);
      // After the answer.
      if (isRefused) setImmediate(() => this.emit('removed'));
      this.wait();
    });
    this.wait();
  }

  /** `secret`: what the hub is started with; undefined if it has none. Throws ECONFIG if what is stored is not what a hub wrote. */
  static async open(store: Store, secret: string | undefined): Promise<Secrets> {
    const check = ({ key, value }: Entry) => {
      if (isRotation(value)) return value;
      throw notWritten(store.where(key), 'to take the secret that the hub is started with');
    };
    const kept = await KeptRecords.open(store, [KEY], check);
    return new Secrets(kept, secret === undefined ? null : sha256(secret).toString('hex'));
  }

  /** True if the hub was started with a secret that was replaced. */
  get isOutdated(): boolean {
    return this.given !== null && this.rotation?.current !== this.given;
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
  async rotate(by: Pick<Principal, 'secret'>, hash: string, graceMs: number): Promise<number> {
    const { given } = this;
    if (given === null) throw new FleetError('EUSAGE', 'this hub has no secret; start it with --secret');
    const made = await this.kept.change((now) => {
      const rotation = startedWith(now.get(KEY) ?? null, given);
      const done = rotation.old.find((old) => old.hash === by.secret);
      if (hash === rotation.current && done) return { next: [], until: done.until };
      if (by.secret !== rotation.current)
        throw new FleetError(
          'EFORBIDDEN',
          'only whoever has the secret of the hub that is in force can replace it',
        );
      if (hash === rotation.current) throw new FleetError('EUSAGE', 'this is the secret that it has already');
      const until = Date.now() + graceMs;
      return { next: [[KEY, rotated(rotation, hash, until)]], until };
    });
    return made.until;
  }

  close(): void {
    if (this.timer) clearTimeout(this.timer);
  }

  private rotationOf(records: ReadonlyMap<string, Rotation>): Rotation | null {
    return this.given === null ? null : startedWith(records.get(KEY) ?? null, this.given);
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

function isRotation(read: unknown): read is Rotation {
  const { current, old } = read as Partial<Rotation>;
  const isHash = (hash: unknown) => typeof hash === 'string' && /^[0-9a-f]{64}$/.test(hash);
  const isOld = Array.isArray(old) && old.every((one) => isHash(one?.hash) && Number.isFinite(one.until));
  return isHash(current) && isOld;
}
