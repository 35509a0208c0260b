import type { GitServer } from '../git/server.ts';
import type { GitStore } from '../git/store.ts';
import type { AppService } from './apps/apps.ts';
import type { OtherHubs } from './cluster/other-hubs.ts';
import { repositoriesOf } from './cluster/repositories-elsewhere.ts';
import type { DeployedCommits } from './deployed-commits.ts';
import type { DroneDirectory } from './drones/directory.ts';
import type { EventLog } from './events/event-log.ts';
import { ForgottenCommits } from './forgotten-commits.ts';
import { Pruning } from './pruning.ts';
import { Repositories } from './repositories.ts';

export interface UpkeepParts {
  store: GitStore;
  git: GitServer;
  deployed: DeployedCommits;
  directory: DroneDirectory;
  events: EventLog;
  appService: AppService;
  /** Null for a hub that is alone. */
  cluster: { others: OtherHubs } | null;
  log(line: string): void;
}

/** Makes what removes that which nobody needs any more, and tells what is there. */
export function makeUpkeep(parts: UpkeepParts) {
  const { store, git, deployed, directory, events, appService, cluster, log } = parts;
  const apps = () => appService.apps.all();
  return {
    pruning: new Pruning({
      ...{ directory, deployed, events, log, apps },
      leads: () => appService.leader.isHere,
      keepOf: (live) => appService.parts.fileOf(live).deploy.keep,
      tidyRepositories: () => git.removals.tidy(),
    }),
    repositories: new Repositories({
      ...{ store, git: git.removals, deployed, directory, apps },
      elsewhere: async () => (cluster ? repositoriesOf(cluster.others) : []),
    }),
    forgetting: new ForgottenCommits({ store, git: git.removals, deployed, directory, apps }),
  };
}
