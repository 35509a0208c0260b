/** What JSON can hold, but null, which stands for nothing. It belongs to the store: nobody changes it. */
export type Json = object | string | number | boolean;

/** A value with the revision that the store gave it. */
export interface Entry {
  key: string;
  value: Json;
  /** Grows with each change of the key, also if it was removed meanwhile; 0 stands for "no such key". Good until the store is closed. */
  revision: number;
}

/** Told of a key that has changed, and its revision. */
export type Hint = (key: string, revision: number | null) => void;

/**
 * What a hub remembers, by keys (see keys.ts). Two writers never overwrite each other's changes: each says which revision
 * it has seen. An entry is durable before anybody sees it: this hub at once, others that share it soon. All calls reject with
 * EIO, with ECONFIG for what is damaged, and with ECLOSED after `close`.
 */
export interface Store {
  /** Returns null if there is no such key. */
  get(key: string): Promise<Entry | null>;
  /** Returns the revision. Rejects with ECONFLICT if the key exists. */
  create(key: string, value: Json): Promise<number>;
  /** Replaces a value, or removes it if it is null. Returns the new revision. Rejects with ECONFLICT if another one is current, or there is no such key. */
  update(key: string, value: Json | null, revision: number): Promise<number>;
  /** Returns all entries of a kind (`token.`), or that of a key, in no order; without what cannot be read if that harms nothing else. */
  list(prefix: string): Promise<Entry[]>;
  /**
   * Calls `hint` soon after something may have changed, also while the store was not reached, and by this hub itself: a
   * listener reads it anew, unless it knows this revision already. Null for one that is gone, or not known. Returns what ends that.
   */
  watch(prefix: string, hint: Hint): () => void;
  /** Says where a value is, for whoever reads a message about it. */
  where(key: string): string;
  /** Resolves when all that was begun is written. */
  close(): Promise<void>;
}
