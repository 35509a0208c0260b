import type { GitServer } from '../../git/server.ts';
import type { GitStore } from '../../git/store.ts';
import type { HUB_COMMIT_CALLS } from '../../protocol/hub-commit-calls.ts';
import type { Handlers } from '../../rpc/calls.ts';
import type { FetchPasses } from '../access/fetch-passes.ts';
import { CatchUp, type CatchUpParts } from './catch-up.ts';
import { CommitFetches } from './commit-fetches.ts';
import { commitHandlers } from './commit-handlers.ts';
import { GitOfHubs } from './git-of-hubs.ts';
import type { OtherHub, OtherHubs } from './other-hubs.ts';
import type { RepositoryRecords } from './repository-records.ts';
import { SettledRepositories } from './settled-repositories.ts';
import { RepositorySettling } from './settling.ts';
import { SharedCommits } from './shared-commits.ts';

export interface CommitsParts {
  /** The name of this hub. */
  name: string;
  others: OtherHubs;
  records: RepositoryRecords;
  store: GitStore;
  git: GitServer;
  passes: Pick<FetchPasses, 'issue'>;
  log(line: string): void;
}

/** What a hub of a cluster does so that all have the same repositories. */
export interface Commits {
  /** For the git server. */
  shared: SharedCommits;
  handlers(other: OtherHub): Handlers<typeof HUB_COMMIT_CALLS>;
  /** Begins to fetch what is lacking; `wanted` as for {@link CatchUp}. Returns what ends it. */
  start(wanted: CatchUpParts['wanted']): { close(): Promise<void> };
}

/** Puts together what keeps a hub's repositories the same as those of others. `git` may be under construction. */
export function makeCommits(parts: CommitsParts): Commits {
  const { name, others, records, store, git, passes, log } = parts;
  const hubs = new GitOfHubs(others);
  const settling = new RepositorySettling({ store, git, records, hubs });
  const repositories = new SettledRepositories(settling, records, store, log);
  const commits = new CommitFetches({ store, git, hubs, records, repositories });
  const shared = new SharedCommits({ name, others, store, git, records, repositories, commits, log });
  return {
    shared,
    handlers: (other) => commitHandlers(other, { store, git, passes, records, repositories, commits }),
    start(wanted) {
      const catchUp = new CatchUp({ others, store, records, repositories, commits, wanted, log });
      catchUp.start();
      others.on('come', (other) => shared.offerAll(other));
      return catchUp;
    },
  };
}
