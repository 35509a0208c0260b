/** What becomes of records: null removes one. */
export interface RecordsChange<T> {
  next: readonly (readonly [key: string, value: T | null])[];
}

/** Somebody who wants a change. */
export interface Wish<T> {
  decide(now: ReadonlyMap<string, T>): RecordsChange<T> | null;
  resolve(made: RecordsChange<T> | null): void;
  reject(error: unknown): void;
}

/** Returns what records become if each wish is decided on what those before it have left; one that throws changes nothing. */
export function decided<T>(
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
