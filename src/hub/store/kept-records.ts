import { FleetError } from '../../protocol/errors.ts';
import { mayBeReadLater } from './not-written.ts';
import type { Entry, Json, Store } from './store.ts';
import { decided, type RecordsChange, type Wish } from './wishes.ts';

interface Failure {
  key: string;
  error: unknown;
}

/** Another hub that is always faster is one that does nothing else. */
const MAX_TRIES = 20;
const READ_AGAIN_AFTER_MS = 1_000;

/**
 * Records of some kinds, as this hub has them: in memory, and stored before they are there. Who comes while others are being
 * stored waits, and is stored together with all others that wait. What another hub stores is read as soon as the store tells.
 */
export class KeptRecords<T extends Json> {
  private readonly records = new Map<string, T>();
  private readonly revisions = new Map<string, number>();
  private wishes: Wish<T>[] = [];
  /** Keys that another hub may have changed. */
  private readonly stale = new Set<string>();
  private isLoaded = false;
  private running: Promise<void> | null = null;
  private changed: (elsewhere: readonly string[]) => void = () => {};

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
    // First, so that nothing is missed between the list and the first hint.
    const ends = prefixes.map((prefix) => store.watch(prefix, (key, revision) => kept.hear(key, revision)));
    try {
      const lists = await Promise.all(prefixes.map((prefix) => store.list(prefix)));
      for (const entry of lists.flat()) kept.know(entry.key, check(entry), entry.revision);
    } catch (error) {
      for (const end of ends) end();
      throw error;
    }
    kept.isLoaded = true;
    kept.run();
    return kept;
  }

  /** By key. */
  get all(): ReadonlyMap<string, T> {
    return this.records;
  }

  /** Calls `changed` whenever records have changed, with the keys of those that another hub has changed. */
  follow(changed: (elsewhere: readonly string[]) => void): void {
    this.changed = changed;
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

  private hear(key: string, revision: number | null): void {
    if (revision !== null && revision === this.revisions.get(key)) return;
    this.stale.add(key);
    this.run();
  }

  private run(): void {
    if (this.isLoaded) this.running ??= this.work();
  }

  private async work(): Promise<void> {
    // All that is wanted at this moment is stored together.
    await Promise.resolve();
    while (this.wishes.length + this.stale.size > 0) {
      await this.refresh();
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
    const failures = failuresOf(differing, results);
    if (failures.length < differing.length) this.changed([]);
    const fault = failures.find(({ error }) => !isConflict(error));
    if (fault) throw fault.error;
    const lost = failures.map(({ key }) => key);
    const [unread] = await this.readAnew(lost);
    if (unread) throw unread.error;
    return lost;
  }

  private async write(key: string, value: T | null): Promise<void> {
    const seen = this.revisions.get(key);
    if (value === null) {
      await this.store.update(key, null, seen ?? 0);
      this.know(key, null, 0);
    } else if (seen === undefined) this.know(key, value, await this.store.create(key, value));
    else this.know(key, value, await this.store.update(key, value, seen));
  }

  /** Reads what was heard of. What cannot be read keeps its last value, and is read again later unless no hub wrote it. */
  private async refresh(): Promise<void> {
    const stale = [...this.stale];
    this.stale.clear();
    for (const { key, error } of await this.readAnew(stale)) {
      if (mayBeReadLater(error)) setTimeout(() => this.hear(key, null), READ_AGAIN_AFTER_MS);
    }
  }

  /** Reads what another hub may have stored. Returns which of it cannot be read. */
  private async readAnew(keys: readonly string[]): Promise<Failure[]> {
    const results = await Promise.allSettled(keys.map((key) => this.isNews(key)));
    const changed = results.flatMap((one, n) =>
      one.status === 'fulfilled' && one.value ? [keys[n] ?? ''] : [],
    );
    if (changed.length > 0) this.changed(changed);
    return failuresOf(keys, results);
  }

  /** Reads a record; returns false if it has not changed. */
  private async isNews(key: string): Promise<boolean> {
    const entry = await this.store.get(key);
    if (entry?.revision === this.revisions.get(key)) return false;
    this.know(key, entry && this.check(entry), entry?.revision ?? 0);
    return true;
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

/** Returns which of what was done with each key has failed. */
function failuresOf(keys: readonly string[], results: readonly PromiseSettledResult<unknown>[]): Failure[] {
  return results.flatMap((one, n) =>
    one.status === 'rejected' ? [{ key: keys[n] ?? '', error: one.reason as unknown }] : [],
  );
}

function isConflict(error: unknown): boolean {
  return error instanceof FleetError && error.code === 'ECONFLICT';
}
