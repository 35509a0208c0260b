import { type Committed, readCommitted } from '../../git/committed-files.ts';
import { BoundedMap } from '../../system/bounded-map.ts';
import { FairSemaphore } from '../../system/fair-semaphore.ts';

/** Each read is a few processes, and to start one holds the hub up for milliseconds. */
const READS_AT_ONCE = 4;
/** What is remembered of commits: they do not change. */
const MAX_COMMITS = 50;
const MAX_CHARACTERS = 65_536;

/**
 * Reads files of commits: some at once, those of one commit once for all who ask, and however many those of one repository
 * are, others have their turn between them.
 */
export class ReadCommits {
  private readonly semaphore = new FairSemaphore(READS_AT_ONCE);
  private readonly known = new BoundedMap<string, Committed>(MAX_COMMITS);
  private readonly underWay = new Map<string, Promise<Committed>>();

  constructor(
    private readonly paths: readonly string[],
    private readonly readFiles: typeof readCommitted = readCommitted,
  ) {}

  /** Rejects as `readCommitted` does. */
  async read(repository: string, commit: string): Promise<Committed> {
    const key = `${repository} ${commit}`;
    const known = this.known.get(key) ?? this.underWay.get(key);
    if (known) return known;
    const reading = this.inTurn(repository, commit);
    this.underWay.set(key, reading);
    try {
      const committed = await reading;
      if (sizeOf(committed) <= MAX_CHARACTERS) this.known.set(key, committed);
      return committed;
    } finally {
      this.underWay.delete(key);
    }
  }

  private async inTurn(repository: string, commit: string): Promise<Committed> {
    const leave = await this.semaphore.enter(repository);
    return this.readFiles(repository, commit, this.paths).finally(leave);
  }
}

function sizeOf({ subject, files }: Committed): number {
  return [subject, ...files.values()].reduce((sum, text) => sum + text.length, 0);
}
