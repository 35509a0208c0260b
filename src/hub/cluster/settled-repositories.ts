import type { GitStore } from '../../git/store.ts';
import { messageOf } from '../../protocol/errors.ts';
import { monotonicMs } from '../../system/monotonic.ts';
import { within } from '../../system/within.ts';
import type { OtherHub } from './other-hubs.ts';
import type { RepositoryRecord } from './repository-record.ts';
import type { RepositoryRecords } from './repository-records.ts';
import type { RepositorySettling } from './settling.ts';

/** Another hub that is always faster is one that does nothing else. */
const MAX_TURNS = 5;
/** What could not be had is not asked for again by each request. */
const FAILED_FOR_MS = 5_000;
/** A request waits no longer for what another hub has. */
const REQUEST_WAITS_MS = 20_000;

/** The repositories of this hub, each brought to its record by one run at a time. */
export class SettledRepositories {
  private readonly applied = new Map<string, RepositoryRecord>();
  private readonly underWay = new Map<string, Promise<void>>();
  /** When that has failed, by monotonicMs. */
  private readonly failed = new Map<string, number>();

  constructor(
    private readonly settling: Pick<RepositorySettling, 'settle'>,
    private readonly records: Pick<RepositoryRecords, 'get'>,
    private readonly store: Pick<GitStore, 'exists'>,
    private readonly log: (line: string) => void,
  ) {}

  isSettled(repo: string): boolean {
    const record = this.records.get(repo);
    return record ? this.applied.get(repo) === record : !this.store.exists(repo);
  }

  /** Resolves when a repository is what its record says. Rejects if it cannot be made so. */
  async settle(repo: string, from: OtherHub | null = null): Promise<void> {
    for (let n = 0; n < MAX_TURNS && !this.isSettled(repo); n++) {
      const before = this.underWay.get(repo);
      if (before) {
        await before.catch(() => {});
        continue;
      }
      const run = this.run(repo, from).finally(() => this.underWay.delete(repo));
      this.underWay.set(repo, run);
      await run;
    }
  }

  /** The same for a request, which waits for some time, and goes on with what is here. */
  async settleFor(repo: string): Promise<void> {
    if (this.isSettled(repo)) return;
    if (monotonicMs() - (this.failed.get(repo) ?? Number.NEGATIVE_INFINITY) < FAILED_FOR_MS) return;
    const settled = this.settle(repo).catch(() => {});
    await within(settled, REQUEST_WAITS_MS, undefined);
  }

  /** Something was changed here: the record is followed anew. */
  unsettle(repo: string): void {
    this.applied.delete(repo);
    this.failed.delete(repo);
  }

  /** Another hub may have what was lacking. */
  retry(): void {
    this.failed.clear();
  }

  private async run(repo: string, from: OtherHub | null): Promise<void> {
    try {
      const record = await this.settling.settle(repo, from);
      if (record) this.applied.set(repo, record);
      this.failed.delete(repo);
    } catch (error) {
      if (!this.failed.has(repo))
        this.log(`the repository ${repo} is not as at other hubs: ${messageOf(error)}`);
      this.failed.set(repo, monotonicMs());
      throw error;
    }
  }
}
