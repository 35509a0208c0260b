/** One answer of git's: being computed, whole, or given up because it failed or grew too large to keep. */
interface Entry {
  chunks: Buffer[];
  size: number;
  state: 'filling' | 'whole' | 'dropped';
  /** Requests for the same that wait for it. */
  followers: number;
  /** Settles when it is no longer being filled. */
  settled: Promise<void>;
  settle(): void;
  timer: NodeJS.Timeout | undefined;
}

export interface PackCacheOptions {
  /** Bytes of all entries together, and of one. */
  maxTotal: number;
  maxEntry: number;
  /** Milliseconds that an answer nobody asks for is kept. */
  keepFor: number;
}

/** What fills an entry; see {@link PackCache.find}. */
export interface Filling {
  /** True as long as the entry keeps what it is given: then nobody needs to wait for the one who reads it. */
  keep(chunk: Buffer): boolean;
  /** The answer is complete, and may be given to others. */
  done(): void;
  /** It is not: whoever waits for it computes it anew. */
  drop(): void;
  /** True while others wait for this answer. */
  readonly isWanted: boolean;
}

/**
 * Answers of `git upload-pack` that many ask for at once, as a thousand drones do for one commit: computed by one git
 * process, served from memory to all. An answer to the same question stays right for as long as its objects are there,
 * and the hub's repositories throw none away. Memory is bounded; an answer too large for it is not kept.
 */
export class PackCache {
  private readonly entries = new Map<string, Entry>();
  private total = 0;

  constructor(private readonly options: PackCacheOptions) {}

  /** Bytes that it holds now. */
  get size(): number {
    return this.total;
  }

  /** The answer, where it is known or somebody computes it just now; else what the caller is to fill with it. */
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
    // Moved to the end of the line: the one asked for longest ago goes first.
    if (this.entries.delete(key)) this.entries.set(key, known);
    return known.chunks;
  }

  /** Forgets everything. */
  clear(): void {
    for (const [key, entry] of this.entries) this.remove(key, entry);
  }

  /** A second one for the same key, when the first was too large, keeps nothing. */
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
