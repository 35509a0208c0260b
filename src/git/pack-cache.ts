/** One answer of git: in progress, complete, or dropped because it failed or grew too large. */
interface Entry {
  chunks: Buffer[];
  size: number;
  state: 'filling' | 'whole' | 'dropped';
  /** How many other requests wait for it. */
  followers: number;
  /** Settles when it is no longer in progress. */
  settled: Promise<void>;
  settle(): void;
  timer: NodeJS.Timeout | undefined;
}

export interface PackCacheOptions {
  /** Bytes of all entries together, and of one. */
  maxTotal: number;
  maxEntry: number;
  /** How many milliseconds an answer is kept that nobody asks for. */
  keepFor: number;
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
 * and the hub's repositories never delete any. Memory is limited; an answer that is too large is not kept.
 */
export class PackCache {
  private readonly entries = new Map<string, Entry>();
  private total = 0;

  constructor(private readonly options: PackCacheOptions) {}

  /** How many bytes it holds now. */
  get size(): number {
    return this.total;
  }

  /** Returns the answer, if it is known or in progress; else a {@link Filling} for the caller to fill. */
  async find(key: string): Promise<readonly Buffer[] | Filling> {
    const known = this.entries.get(key);
    if (!known) return this.begin(key);
    if (known.state === 'filling') {
      known.followers++;
      await known.settled;
      known.followers--;
    }
    if (known.state !== 'whole') return this.begin(key);
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
  private begin(key: string): Filling {
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
      settled,
      settle,
      timer: undefined,
    };
    this.entries.set(key, entry);
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
    for (const [key, entry] of this.entries) {
      if (this.total + bytes <= this.options.maxTotal) return true;
      if (entry.state === 'whole') this.remove(key, entry);
    }
    return this.total + bytes <= this.options.maxTotal;
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
    this.total -= entry.size;
    entry.state = 'dropped';
    entry.chunks = [];
    entry.settle();
  }
}
