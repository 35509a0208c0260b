import { FleetError } from '../../protocol/errors.ts';
import type { Entry, Json, Store } from './store.ts';

/** What becomes of records: null removes one. */
export interface RecordsChange<T> {
  next: readonly (readonly [key: string, value: T | null])[];
}

/** Somebody who wants a change. */
interface Wish<T> {
  decide(now: ReadonlyMap<string, T>): RecordsChange<T> | null;
  resolve(made: RecordsChange<T> | null): void;
  reject(error: unknown): void;
}

/** Another hub that is always faster is one that does nothing else. */
const MAX_TRIES = 20;

/**
 * Records of some kinds, as this hub has them: in memory, and stored before they are there. Who comes while others are being
 * stored waits, and is stored together with all others that wait.
 */
export class KeptRecords<T extends Json> {
  private readonly records = new Map<string, T>();
  private readonly revisions = new Map<string, number>();
  private wishes: Wish<T>[] = [];
  /** Keys that another hub may have changed. */
  private readonly stale = new Set<string>();
  private running: Promise<void> | null = null;
  private changed: () => void = () => {};

  private constructor(
    private readonly store: Store,
    private readonly check: (entry: Entry) => T,
  ) {}

  /** Reads all records under some prefixes. `check` returns what is in an entry. Throws what it throws, ECONFIG, EIO. */
  static async open<T extends Json>(
    store: Store,
    prefixes: readonly string[],
    check: (entry: Entry) => T,
  ): Promise<KeptRecords<T>> {
    const kept = new KeptRecords(store, check);
    const lists = await Promise.all(prefixes.map((prefix) => store.list(prefix)));
    for (const entry of lists.flat()) kept.know(entry.key, check(entry), entry.revision);
    return kept;
  }

  /** By key. */
  get all(): ReadonlyMap<string, T> {
    return this.records;
  }

  /** Calls `changed` whenever records have changed, by this hub or by another one that uses the store. */
  follow(prefixes: readonly string[], changed: () => void): void {
    this.changed = changed;
    for (const prefix of prefixes)
      this.store.watch(prefix, (key) => {
        this.stale.add(key);
        this.run();
      });
  }

  /**
   * Stores what `decide` makes of the records as they are then, and returns that; null changes nothing. `decide` is asked again
   * if another hub has changed one of these meanwhile; of several records, some may be stored by then. What it throws is
   * thrown. Throws EIO, ECONFLICT.
   */
  change<C extends RecordsChange<T> | null>(decide: (now: ReadonlyMap<string, T>) => C): Promise<C> {
    return new Promise<C>((resolve, reject) => {
      this.wishes.push({ decide, resolve: (made) => resolve(made as C), reject });
      this.run();
    });
  }

  /** Resolves when all changes up to now are stored, or could not be. */
  async settled(): Promise<void> {
    await this.running;
  }

  private run(): void {
    this.running ??= this.work();
  }

  private async work(): Promise<void> {
    // All that is wanted at this moment is stored together.
    await Promise.resolve();
    while (this.wishes.length + this.stale.size > 0) {
      const stale = [...this.stale];
      this.stale.clear();
      await Promise.all(stale.map((key) => this.readAnew(key).catch(() => {})));
      const wishes = this.wishes.splice(0);
      try {
        await this.grant(wishes);
      } catch (error) {
        for (const { reject } of wishes) reject(error);
      }
    }
    this.running = null;
  }

  private async grant(wishes: readonly Wish<T>[]): Promise<void> {
    let left = wishes;
    for (let n = 0; n < MAX_TRIES && left.length > 0; n++) {
      const { records, granted } = decided(this.records, left);
      const lost = await this.writeAll(records);
      left = granted.flatMap(([wish, made]) => {
        if (made?.next.some(([key]) => lost.includes(key))) return [wish];
        wish.resolve(made);
        return [];
      });
    }
    const error = new FleetError('ECONFLICT', 'other hubs are changing the same; try again');
    for (const { reject } of left) reject(error);
  }

  /** Stores what differs, and returns the keys that another hub has changed meanwhile, which are read anew. Throws EIO. */
  private async writeAll(wanted: ReadonlyMap<string, T>): Promise<string[]> {
    const keys = [...new Set([...wanted.keys(), ...this.records.keys()])];
    const differing = keys.filter((key) => wanted.get(key) !== this.records.get(key));
    const results = await Promise.allSettled(
      differing.map((key) => this.write(key, wanted.get(key) ?? null)),
    );
    const failures = results.flatMap((one, n) =>
      one.status === 'rejected' ? [{ key: differing[n] ?? '', error: one.reason as unknown }] : [],
    );
    if (failures.length < differing.length) this.changed();
    const fault = failures.find(({ error }) => !isConflict(error));
    if (fault) throw fault.error;
    await Promise.all(failures.map(({ key }) => this.readAnew(key)));
    return failures.map(({ key }) => key);
  }

  private async write(key: string, value: T | null): Promise<void> {
    const seen = this.revisions.get(key);
    if (value === null) {
      await this.store.update(key, null, seen ?? 0);
      this.know(key, null, 0);
    } else if (seen === undefined) this.know(key, value, await this.store.create(key, value));
    else this.know(key, value, await this.store.update(key, value, seen));
  }

  /** Reads what another hub may have stored. */
  private async readAnew(key: string): Promise<void> {
    const entry = await this.store.get(key);
    if (entry?.revision === this.revisions.get(key)) return;
    this.know(key, entry && this.check(entry), entry?.revision ?? 0);
    this.changed();
  }

  private know(key: string, value: T | null, revision: number): void {
    if (value === null) {
      this.records.delete(key);
      this.revisions.delete(key);
    } else {
      this.records.set(key, value);
      this.revisions.set(key, revision);
    }
  }
}

/** Returns what records become if each wish is decided on what those before it have left; one that throws changes nothing. */
function decided<T>(
  before: ReadonlyMap<string, T>,
  wishes: readonly Wish<T>[],
): { records: Map<string, T>; granted: [Wish<T>, RecordsChange<T> | null][] } {
  const records = new Map(before);
  const granted: [Wish<T>, RecordsChange<T> | null][] = [];
  for (const wish of wishes) {
    try {
      const made = wish.decide(records);
      granted.push([wish, made]);
      for (const [key, value] of made?.next ?? []) {
        if (value === null) records.delete(key);
        else records.set(key, value);
      }
    } catch (error) {
      wish.reject(error);
    }
  }
  return { records, granted };
}

function isConflict(error: unknown): boolean {
  return error instanceof FleetError && error.code === 'ECONFLICT';
}
