import { repositoryNames } from '../../git/repositories.ts';
import type { GitStore } from '../../git/store.ts';
import { Semaphore } from '../../system/semaphore.ts';
import type { CommitFetches } from './commit-fetches.ts';
import type { OtherHubs } from './other-hubs.ts';
import type { RepositoryRecords } from './repository-records.ts';
import type { SettledRepositories } from './settled-repositories.ts';

/** What is fetched in the background leaves room for pushes. */
const AT_ONCE = 2;
/** What nobody had may be there later. */
const AGAIN_EVERY_MS = 300_000;

export interface CatchUpParts {
  others: OtherHubs;
  store: Pick<GitStore, 'dir' | 'has'>;
  records: RepositoryRecords;
  repositories: SettledRepositories;
  commits: Pick<CommitFetches, 'ensure'>;
  /** Returns the commits that every hub should have beside those of branches: what was deployed, and releases. */
  wanted(): readonly { repo: string; commit: string }[];
  log(line: string): void;
}

/** Brings all repositories of this hub to their records: at its start, when another hub comes, and when a record changes. */
export class CatchUp {
  private readonly places = new Semaphore(AT_ONCE);
  private isDue = false;
  private running: Promise<void> | null = null;
  private isClosed = false;
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly parts: CatchUpParts) {}

  start(): void {
    const { others, records } = this.parts;
    others.on('come', this.all);
    records.on('changed', this.one);
    this.timer = setInterval(this.all, AGAIN_EVERY_MS).unref();
    this.all();
  }

  async close(): Promise<void> {
    this.isClosed = true;
    clearInterval(this.timer);
    const { others, records } = this.parts;
    others.off('come', this.all);
    records.off('changed', this.one);
    await this.running;
  }

  private readonly one = (repo: string): void => {
    void this.settle(repo);
  };

  private readonly all = (): void => {
    this.parts.repositories.retry();
    this.isDue = true;
    this.running ??= this.run().finally(() => {
      this.running = null;
    });
  };

  private async run(): Promise<void> {
    const { store, records, commits, wanted, log } = this.parts;
    while (this.isDue && !this.isClosed) {
      this.isDue = false;
      const names = new Set([...records.names(), ...(await repositoryNames(store))]);
      await Promise.all([...names].map((repo) => this.settle(repo)));
      let count = 0;
      const fetches = wanted().map(({ repo, commit }) =>
        this.places.run(async () => {
          if (this.isClosed || (await store.has(repo, commit))) return;
          await commits.ensure(repo, commit).then(
            () => count++,
            () => {},
          );
        }),
      );
      await Promise.all(fetches);
      if (count > 0) log(`fetched from other hubs: ${count} ${count === 1 ? 'commit' : 'commits'}`);
    }
  }

  private settle(repo: string): Promise<void> {
    return this.places.run(async () => {
      if (!this.isClosed) await this.parts.repositories.settle(repo).catch(() => {});
    });
  }
}
