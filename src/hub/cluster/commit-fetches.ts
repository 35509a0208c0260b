import type { GitServer } from '../../git/server.ts';
import type { GitStore } from '../../git/store.ts';
import { FleetError, messageOf } from '../../protocol/errors.ts';
import type { Found, GitOfHubs } from './git-of-hubs.ts';
import type { RepositoryRecords } from './repository-records.ts';
import type { SettledRepositories } from './settled-repositories.ts';

export interface CommitFetchesParts {
  store: GitStore;
  git: Pick<GitServer, 'during' | 'fromHubs'>;
  hubs: Pick<GitOfHubs, 'find' | 'remoteOf'>;
  records: Pick<RepositoryRecords, 'get'>;
  repositories: Pick<SettledRepositories, 'settleFor'>;
}

/** Fetches single commits that other hubs have, each once for all who want it. */
export class CommitFetches {
  private readonly underWay = new Map<string, Promise<void>>();

  constructor(private readonly parts: CommitFetchesParts) {}

  /** Resolves when a commit is here. Rejects with ENOCOMMIT if no other hub has it, or it cannot be fetched. */
  async ensure(repo: string, commit: string): Promise<void> {
    await this.once(repo, commit, async () => {
      if (this.parts.records.get(repo)?.forgotten.includes(commit)) throw missing(repo, commit);
      const found = await this.parts.hubs.find(repo, commit);
      let failure = missing(repo, commit);
      for (const one of found) {
        try {
          return await this.fetch(repo, commit, one);
        } catch (cause) {
          const message = `${failure.message}; ${one.other.name}: ${messageOf(cause)}`;
          failure = new FleetError('ENOCOMMIT', message, { cause });
        }
      }
      throw failure;
    });
  }

  /** Resolves when a commit that is there is here, too. Rejects if it cannot be fetched. */
  async take(repo: string, commit: string, from: Found): Promise<void> {
    await this.once(repo, commit, () => this.fetch(repo, commit, from));
  }

  private async once(repo: string, commit: string, fetch: () => Promise<void>): Promise<void> {
    if (await this.parts.store.has(repo, commit)) return;
    const key = `${repo} ${commit}`;
    const before = this.underWay.get(key);
    if (before) return before;
    const run = fetch().finally(() => this.underWay.delete(key));
    this.underWay.set(key, run);
    await run;
  }

  private async fetch(repo: string, commit: string, { other, isShallow }: Found): Promise<void> {
    const { store, git, hubs, repositories } = this.parts;
    if (!store.exists(repo)) {
      await repositories.settleFor(repo);
      await store.create(repo);
    }
    const remote = await hubs.remoteOf(other);
    await git.during(repo, () =>
      isShallow
        ? git.fromHubs.fetchShallow(remote, repo, commit)
        : git.fromHubs.fetch(remote, { repo, objects: [commit], isKept: () => true }),
    );
  }
}

function missing(repo: string, commit: string): FleetError {
  return new FleetError('ENOCOMMIT', `no hub that is connected has ${repo}/${commit}`);
}
