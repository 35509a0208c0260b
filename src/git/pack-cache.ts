/** One answer of git: in progress, complete, or dropped because it failed or grew too large. */
interface Entry {
  chunks: Buffer[];
  size: number;
  state: 'filling' | 'whole' | 'dropped';
  /** How many other requests wait for it. */
  followers: number;
  /** Who still reads it. */
  readers: Set<PackReader>;
  /** Settles when it is no longer in progress. */
  settled: Promise<void>;
  settle(): void;
  timer: NodeJS.Timeout | undefined;
}

/** Somebody who is sent an answer, at their own pace. */
export interface PackReader {
  /** Milliseconds since they have read something, if something waits for them. */
  readonly idleMs: number;
  /** Resolves when they have everything, or are gone. */
  readonly over: Promise<void>;
  giveUp(): void;
}

export interface PackCacheOptions {
  /** Bytes of all entries together, and of one. */
  maxTotal: number;
  maxEntry: number;
  /** How many milliseconds an answer is kept that nobody asks for. */
  keepFor: number;
  /** Readers that have read nothing for so many milliseconds are given up if there is no room for other answers. */
  patience: number;
}

/** Fills an entry; see {@link PackCache.find}. */
export interface Filling {
  /** Adds a chunk. Returns true if the entry keeps it: then git need not wait for its client. */
  keep(chunk: Buffer): boolean;
  /** Marks the answer as complete, so that others get it. */
  done(): void;
  /** Drops the answer: those who wait for it compute it themselves. */
  drop(): void;
  /** True while others wait for this answer. */
  readonly isWanted: boolean;
}

/**
 * Answers of `git upload-pack` that many clients need at once, as a thousand drones do for one commit: one git process
 * computes it, and all are served from memory. The answer to the same question stays correct as long as its objects exist,
 * and the hub's repositories never delete any. Memory is limited, with what slow readers have not read; an answer that is
 * too large is not kept.
 */
export class PackCache {
  private readonly entries = new Map<string, Entry>();
  /** Those that somebody reads, also if they are not known any more. */
  private readonly held = new Set<Entry>();
  private total = 0;

  constructor(private readonly options: PackCacheOptions) {}

  /** How many bytes it holds now, or its readers do. */
  get size(): number {
    return this.total;
  }

  /** Returns the answer for this reader, if it is known or in progress; else a {@link Filling} for the caller to fill. */
  async find(key: string, reader: PackReader): Promise<readonly Buffer[] | Filling> {
    const known = this.entries.get(key);
    if (!known) return this.begin(key, reader);
    if (known.state === 'filling') {
      known.followers++;
      await known.settled;
      known.followers--;
    }
    if (known.state !== 'whole') return this.begin(key, reader);
    this.reads(reader, known);
    known.timer?.refresh();
    // Moved to the end, because the least recently requested entry is dropped first.
    if (this.entries.delete(key)) this.entries.set(key, known);
    return known.chunks;
  }

  /** Forgets everything. */
  clear(): void {
    for (const [key, entry] of this.entries) this.remove(key, entry);
  }

  /** Keeps nothing if the first filling for this key was too large. */
  private begin(key: string, reader: PackReader): Filling {
    if (this.entries.has(key)) return { keep: () => false, done: () => {}, drop: () => {}, isWanted: false };
    let settle = () => {};
    const settled = new Promise<void>((resolve) => {
      settle = resolve;
    });
    const entry: Entry = {
      chunks: [],
      size: 0,
      state: 'filling',
      followers: 0,
      readers: new Set(),
      settled,
      settle,
      timer: undefined,
    };
    this.entries.set(key, entry);
    this.reads(reader, entry);
    return {
      keep: (chunk) => this.keep(key, entry, chunk),
      done: () => this.finish(key, entry),
      drop: () => this.remove(key, entry),
      get isWanted() {
        return entry.state === 'filling' && entry.followers > 0;
      },
    };
  }

  private keep(key: string, entry: Entry, chunk: Buffer): boolean {
    if (entry.state !== 'filling') return false;
    if (entry.size + chunk.length > this.options.maxEntry || !this.makeRoom(chunk.length)) {
      this.remove(key, entry);
      return false;
    }
    entry.chunks.push(chunk);
    entry.size += chunk.length;
    this.total += chunk.length;
    return true;
  }

  private makeRoom(bytes: number): boolean {
    const { maxTotal, patience } = this.options;
    for (const [key, entry] of this.entries) {
      if (this.total + bytes <= maxTotal) return true;
      if (entry.state === 'whole' && entry.readers.size === 0) this.remove(key, entry);
    }
    if (this.total + bytes <= maxTotal) return true;
    // There is room for others when they are gone.
    for (const entry of this.held) for (const one of entry.readers) if (one.idleMs > patience) one.giveUp();
    return false;
  }

  private reads(reader: PackReader, entry: Entry): void {
    entry.readers.add(reader);
    this.held.add(entry);
    void reader.over.then(() => {
      entry.readers.delete(reader);
      if (entry.readers.size > 0) return;
      this.held.delete(entry);
      if (entry.state === 'dropped') this.total -= entry.size;
    });
  }

  private finish(key: string, entry: Entry): void {
    if (entry.state !== 'filling') return;
    entry.state = 'whole';
    entry.timer = setTimeout(() => this.remove(key, entry), this.options.keepFor).unref();
    entry.settle();
  }

  private remove(key: string, entry: Entry): void {
    if (this.entries.get(key) !== entry) return;
    this.entries.delete(key);
    clearTimeout(entry.timer);
    if (entry.readers.size === 0) this.total -= entry.size;
    entry.state = 'dropped';
    entry.chunks = [];
    entry.settle();
  }
}
