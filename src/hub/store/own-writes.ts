import type { Entry, Json } from './store.ts';

/** By then every copy of the engine has it, or it is gone. */
const KEEP_MS = 60_000;

interface Write {
  value: Json | null;
  revision: number;
  /** By performance.now. */
  at: number;
}

/** What an engine has, or had: `value` is null if it was removed. */
export interface Read {
  key: string;
  value: Json | null;
  revision: number;
}

/** What this hub has written lately: what it reads after that may be older, if another copy of the engine answers. */
export class OwnWrites {
  private readonly writes = new Map<string, Write>();

  note({ key, value, revision }: Read, now = performance.now()): void {
    for (const [old, { at }] of this.writes) if (now - at > KEEP_MS) this.writes.delete(old);
    if (revision > (this.writes.get(key)?.revision ?? 0)) this.writes.set(key, { value, revision, at: now });
  }

  /** Returns true if this revision is that of a removal. */
  isRemoval(key: string, revision: number): boolean {
    const write = this.writes.get(key);
    return write?.revision === revision && write.value === null;
  }

  /** Returns the entries of these keys: what was read or, if that is newer, what was written. */
  newest(read: readonly Read[], isWanted: (key: string) => boolean): Entry[] {
    const all = new Map(read.map((one) => [one.key, one]));
    for (const [key, write] of this.writes)
      if (isWanted(key) && write.revision > (all.get(key)?.revision ?? 0)) all.set(key, { key, ...write });
    return [...all.values()].flatMap(({ key, value, revision }) =>
      value === null ? [] : [{ key, value, revision }],
    );
  }
}
