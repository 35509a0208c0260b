import type { GitServer } from '../../git/server.ts';
import { isShallow } from '../../git/shallow-commits.ts';
import type { GitStore } from '../../git/store.ts';
import { FleetError } from '../../protocol/errors.ts';
import type { HUB_COMMIT_CALLS } from '../../protocol/hub-commit-calls.ts';
import type { Right } from '../../protocol/rights.ts';
import type { Handlers } from '../../rpc/calls.ts';
import type { FetchPasses } from '../access/fetch-passes.ts';
import type { CommitFetches } from './commit-fetches.ts';
import type { OtherHub } from './other-hubs.ts';
import { recordReached } from './record-reached.ts';
import type { RepositoryRecords } from './repository-records.ts';
import type { SettledRepositories } from './settled-repositories.ts';

/** Every hub hears of a record within a moment, unless it is cut off from the engine. */
const RECORD_WITHIN_MS = 30_000;

export interface CommitHandlerParts {
  store: Pick<GitStore, 'has' | 'holderOf'>;
  git: Pick<GitServer, 'removals'>;
  passes: Pick<FetchPasses, 'issue'>;
  records: RepositoryRecords;
  repositories: Pick<SettledRepositories, 'settle' | 'isSettled'>;
  commits: Pick<CommitFetches, 'take'>;
}

/** Serves another hub what it wants to know and to have of repositories. */
export function commitHandlers(
  other: OtherHub,
  { store, git, passes, records, repositories, commits }: CommitHandlerParts,
): Handlers<typeof HUB_COMMIT_CALLS> {
  return {
    'git.pass': () => ({ pass: passes.issue(readerOf(other), other.gone) }),
    'commit.find': async ({ repo, commit }) => {
      const has = await store.has(repo, commit);
      return { has, isShallow: has && (await isShallow(store, repo, commit)) };
    },
    'commit.hold': ({ repo, commit, isShallow }) => commits.take(repo, commit, { other, isShallow }),
    'repository.settle': async ({ repo, id, changes }) => {
      await recordReached(records, repo, { id, changes }, RECORD_WITHIN_MS);
      await repositories.settle(repo, other);
      if (!repositories.isSettled(repo))
        throw new FleetError('EBUSY', `${repo} is changed all the time; try again`);
    },
    'repository.tidy': async () => ({ freed: await git.removals.tidyHere() }),
  };
}

/** Another hub may fetch everything. */
function readerOf({ name }: Pick<OtherHub, 'name'>) {
  const rights = new Set<Right>(['read']);
  return { name: `hub ${name}`, address: name, rights, repo: null, expires: null, isValid: () => true };
}
