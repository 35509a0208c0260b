import { limitsOf } from '../git/limits.ts';
import { GitServer } from '../git/server.ts';
import { GitStore } from '../git/store.ts';
import type { FetchPasses } from './access/fetch-passes.ts';
import type { AppRecord } from './apps/app-record.ts';
import type { Cluster } from './cluster/cluster.ts';
import { type Commits, makeCommits } from './cluster/make-commits.ts';
import { RepositoryRecords } from './cluster/repository-records.ts';
import type { HubOptions } from './options.ts';
import type { Store } from './store/store.ts';

export interface GitParts {
  dir: string;
  shared: Store;
  cluster: Cluster | null;
  options: Pick<HubOptions, 'gitMemory' | 'maxPush' | 'allGitMemory'>;
  passes: FetchPasses;
  log(line: string): void;
}

/** Opens the repositories of a hub, which those of a cluster have in common; null if there is none. Throws ECONFIG, EIO. */
export async function makeGit({ dir, shared, cluster, options, passes, log }: GitParts) {
  const gitStore = new GitStore(`${dir}/repos`);
  const limits = limitsOf(options.gitMemory, options.maxPush, options.allGitMemory);
  if (!cluster) return { gitStore, git: new GitServer(gitStore, log, limits), commits: null };
  const records = await RepositoryRecords.open(shared);
  const made: Commits[] = [];
  const { name, others } = cluster;
  const git = new GitServer(gitStore, log, limits, (own) => {
    const commits = makeCommits({ name, others, records, store: gitStore, git: own, passes, log });
    made.push(commits);
    return commits.shared;
  });
  const [commits = null] = made;
  if (commits) cluster.serve(commits.handlers);
  return { gitStore, git, commits };
}

/** Returns the commits of all releases that are kept. */
export function releasesOf(apps: readonly AppRecord[]): { repo: string; commit: string }[] {
  return apps.flatMap(({ repo, releases }) => releases.map(({ commit }) => ({ repo, commit })));
}
