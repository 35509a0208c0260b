import type { Entry, Json } from './store.ts';

/** A change that somebody wants. */
export interface Change {
  key: string;
  /** Null removes it. */
  value: Json | null;
  /** The revision that it has; 0 if there is no such key. */
  seen: number;
}

/** The entries of a file, by key. */
export type Entries = ReadonlyMap<string, Entry>;

/**
 * Makes changes in their order. Each is made only if what it was made for is still there. Returns the entries after that, and
 * for each change its revision; null if it was not made.
 */
export function changed(
  before: Entries,
  changes: readonly Change[],
  nextRevision: () => number,
): { entries: Entries; revisions: (number | null)[] } {
  const entries = new Map(before);
  const revisions = changes.map(({ key, value, seen }) => {
    if ((entries.get(key)?.revision ?? 0) !== seen) return null;
    const revision = nextRevision();
    if (value === null) entries.delete(key);
    else entries.set(key, { key, value, revision });
    return revision;
  });
  return { entries, revisions };
}
