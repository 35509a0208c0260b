import { FleetError, messageOf } from '../../protocol/errors.ts';
import type { Lag } from '../../protocol/fetch.ts';
import { type Backoff, backoffMs } from '../../system/backoff.ts';
import { Semaphore } from '../../system/semaphore.ts';

/** A commit that this drone should have. */
export interface Missing {
  repo: string;
  commit: string;
}

/** Deploys at once: each is a git here and one at the hub. */
const MAX_PARALLEL_DEPLOYS = 4;
/** As much of a reason as a message may hold. */
const MAX_WHY_CHARACTERS = 1_000;
/** Spread, so that drones that failed together do not ask the hub together. */
const RETRY: Backoff = { firstMs: 2_000, longestMs: 300_000, spread: 0.5 };

/** Deploys what this drone has missed, and tries again, with back-off, what has failed. */
export class CatchUp {
  private readonly semaphore = new Semaphore(MAX_PARALLEL_DEPLOYS);
  /** What is to be tried again, by repository: a newer commit replaces an older one. */
  private readonly retries = new Map<string, NodeJS.Timeout>();
  /** What has failed last of each repository. */
  private readonly lagging = new Map<string, Lag>();
  private isClosed = false;

  constructor(
    private readonly deploy: (missing: Missing) => Promise<void>,
    private readonly problem: (line: string) => void,
    /** Called with all that this drone lacks because it has failed, whenever that has changed. */
    private readonly changed: (lags: Lag[]) => void,
  ) {}

  get lags(): Lag[] {
    return [...this.lagging.values()];
  }

  /** `missing` is in the order in which it was deployed; the newest comes first, a few at a time. */
  start(missing: readonly Missing[]): void {
    for (const { repo } of missing) this.supersede(repo);
    for (const one of missing.toReversed()) this.enter(one, 0);
  }

  /** Settles as `work`, which deploys what somebody asks for now; if it fails, it is tried again later. */
  async ordered(asked: Missing, work: () => Promise<void>): Promise<void> {
    this.supersede(asked.repo);
    try {
      await work();
      this.caughtUp(asked);
    } catch (error) {
      this.retry(asked, error, 0);
      throw error;
    }
  }

  close(): void {
    this.isClosed = true;
    for (const timer of this.retries.values()) clearTimeout(timer);
    this.retries.clear();
  }

  private supersede(repo: string): void {
    clearTimeout(this.retries.get(repo));
    this.retries.delete(repo);
  }

  private enter(missing: Missing, failures: number): void {
    const deploy = async () => {
      if (this.isClosed) return;
      await this.deploy(missing);
      this.caughtUp(missing);
    };
    this.semaphore.run(deploy).catch((error: unknown) => this.retry(missing, error, failures));
  }

  private retry(missing: Missing, error: unknown, failures: number): void {
    const { repo, commit } = missing;
    const failed = `cannot deploy ${repo}/${commit}: ${messageOf(error)}`;
    if (this.isClosed) return;
    // The hub does not have it, or this drone may not: asking again changes nothing. A later retry is under way already.
    const isLater = this.retries.has(repo);
    const retries = canPass(error);
    if (!isLater) this.lag({ repo, commit, why: messageOf(error).slice(0, MAX_WHY_CHARACTERS), retries });
    if (isLater || !retries) return this.problem(failed);
    const waitMs = backoffMs(failures, RETRY);
    this.problem(`${failed}; trying again in ${Math.ceil(waitMs / 1000)} s`);
    const again = () => {
      this.retries.delete(repo);
      this.enter(missing, failures + 1);
    };
    this.retries.set(repo, setTimeout(again, waitMs));
  }

  private lag(lag: Lag): void {
    this.lagging.set(lag.repo, lag);
    this.changed(this.lags);
  }

  /** A newer commit that has failed is still missing. */
  private caughtUp({ repo, commit }: Missing): void {
    if (this.lagging.get(repo)?.commit !== commit) return;
    this.lagging.delete(repo);
    this.changed(this.lags);
  }
}

/** True if the same deploy may succeed later. */
function canPass(error: unknown): boolean {
  return !(error instanceof FleetError) || !['ENOCOMMIT', 'EAUTH', 'EFORBIDDEN'].includes(error.code);
}
