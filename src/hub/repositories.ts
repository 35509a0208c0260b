import type { Removals } from '../git/removals.ts';
import { repositoryNames } from '../git/repositories.ts';
import type { GitStore } from '../git/store.ts';
import { appName, stageOption } from '../protocol/app-names.ts';
import type { ClientAnswers } from '../protocol/client-calls.ts';
import { FleetError } from '../protocol/errors.ts';
import { diskUsage } from '../system/disk-usage.ts';
import { type Principal, sees } from './access/principal.ts';
import type { AppRecord } from './apps/app-record.ts';
import type { DeployedCommits } from './deployed-commits.ts';
import type { DroneDirectory } from './drones/directory.ts';

export interface RepositoryParts {
  store: Pick<GitStore, 'dir' | 'path'>;
  git: Pick<Removals, 'remove'>;
  deployed: Pick<DeployedCommits, 'newest' | 'forgetRepository'>;
  directory: Pick<DroneDirectory, 'all'>;
  apps(): readonly AppRecord[];
  /** Returns what other hubs have, and this one may lack. */
  elsewhere(): Promise<readonly Held[]>;
}

/** A repository, with the room that it takes. */
interface Held {
  repo: string;
  bytes: number;
}

/** The hub's repositories, for those who look after them. */
export class Repositories {
  constructor(private readonly parts: RepositoryParts) {}

  /** Returns the repositories that `who` may see, and what uses them. */
  async list(who: Principal): Promise<ClientAnswers['repos.list']> {
    const repositories = (await this.everywhere())
      .filter(({ repo }) => sees(who, repo))
      .map(({ repo, bytes }) => ({
        ...{ repo, bytes, commit: this.parts.deployed.newest(repo) },
        ...{ processes: this.processesOf(repo), apps: this.appsOf(repo) },
      }));
    return { repositories };
  }

  /** Returns the repositories of this hub. */
  async here(): Promise<Held[]> {
    const { store } = this.parts;
    const names = await repositoryNames(store);
    return Promise.all(names.map(async (repo) => ({ repo, bytes: await diskUsage(store.path(repo)) })));
  }

  /**
   * Removes a repository that nothing uses, with all its commits. Throws ENOREPO if there is none of this name, EBUSY if an
   * app or a process needs it, EIO.
   */
  async remove(repo: string): Promise<void> {
    const { git, deployed } = this.parts;
    const names = (await this.everywhere()).map((one) => one.repo);
    if (!names.includes(repo)) {
      const there = names.length === 0 ? 'there are none' : `there are: ${names.join(', ')}`;
      throw new FleetError('ENOREPO', `the hub has no repository ${repo}; ${there}`);
    }
    const [app] = this.appsOf(repo);
    if (app !== undefined) {
      const named = `--repo=${repo}${stageOption(app)}`;
      throw new FleetError('EBUSY', `${repo} has the app ${app}; first: fleet down --rm ${named}`);
    }
    const processes = this.processesOf(repo);
    if (processes > 0) {
      const what = processes === 1 ? '1 process runs' : `${processes} processes run`;
      throw new FleetError('EBUSY', `${what} from ${repo}; first: fleet stop --repo=${repo}`);
    }
    await deployed.forgetRepository(repo);
    await git.remove(repo);
  }

  /** By name: those of this hub, and those of others that it lacks. */
  private async everywhere(): Promise<Held[]> {
    const [elsewhere, here] = await Promise.all([this.parts.elsewhere(), this.here()]);
    const all = new Map([...elsewhere, ...here].map((one) => [one.repo, one]));
    return [...all.values()].sort((a, b) => (a.repo < b.repo ? -1 : 1));
  }

  private appsOf(repo: string): string[] {
    const apps = this.parts.apps().filter((app) => app.repo === repo);
    return apps.map(appName).sort();
  }

  /** Counts the processes on drones that are lost, too. */
  private processesOf(repo: string): number {
    const processes = this.parts.directory.all().flatMap((drone) => [...drone.processes.values()]);
    return processes.filter(({ report }) => report.repo === repo).length;
  }
}
