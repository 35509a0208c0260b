import { FleetError } from '../protocol/errors.ts';
import { Semaphore } from '../system/semaphore.ts';
import { ASKS_AS_IT_IS } from './elsewhere.ts';
import { saysMissing } from './error.ts';
import { access, type HubRemote } from './remote.ts';
import type { GitProcesses } from './server-processes.ts';
import type { ShallowCommits } from './shallow-commits.ts';
import { type GitStore, shallowName } from './store.ts';

/** Each is a git here and one at the other hub. */
const AT_ONCE = 4;
/** They are on git's command line. */
const MAX_SPECS = 2_000;
const OPTIONS = ['--no-tags', '--no-write-fetch-head', '--no-auto-gc', '--quiet'];

/** What is fetched from another hub. */
export interface HubFetch {
  repo: string;
  /** With their history; those that `isKept` says are kept under fleet's own refs. */
  objects: readonly string[];
  isKept(object: string): boolean;
}

/** Fetches what other hubs have into this hub's repositories, which exist. */
export class HubFetches {
  private readonly places = new Semaphore(AT_ONCE);
  private isClosed = false;

  constructor(
    private readonly store: GitStore,
    private readonly processes: GitProcesses,
    private readonly shallowCommits: Pick<ShallowCommits, 'create' | 'promote'>,
  ) {}

  /** Throws EGIT, ENOCOMMIT if the other hub does not have all of them, and ELIMIT. */
  async fetch(from: HubRemote, { repo, objects, isKept }: HubFetch): Promise<void> {
    const specs = objects.map((object) => (isKept(object) ? `${object}:refs/fleet/${object}` : object));
    for (let at = 0; at < specs.length; at += MAX_SPECS)
      await this.run(from, repo, { into: repo, specs: specs.slice(at, at + MAX_SPECS) });
  }

  /** Fetches a commit that was pushed without its history. Throws as `fetch` does, and EIO. */
  async fetchShallow(from: HubRemote, repo: string, commit: string): Promise<void> {
    await this.shallowCommits.create(repo);
    const specs = [`${commit}:refs/fleet/${commit}`];
    await this.run(from, repo, { into: shallowName(repo), specs, options: ['--update-shallow'] });
    await this.shallowCommits.promote(repo, commit);
  }

  /** From now on, nothing is fetched. */
  close(): void {
    this.isClosed = true;
  }

  private async run(
    from: HubRemote,
    repo: string,
    { into, specs, options = [] }: { into: string; specs: string[]; options?: string[] },
  ): Promise<void> {
    const { args, env } = access(from);
    const fetch = ['fetch', ...OPTIONS, ...options, `${from.url}/${repo}.git`, ...specs];
    const failure = await this.places.run(async () => {
      if (this.isClosed) throw new FleetError('ECLOSED', 'the hub is being stopped');
      return this.processes.write(['--git-dir', this.store.path(into), ...args, ...ASKS_AS_IT_IS, ...fetch], {
        extra: env,
      });
    });
    if (failure === null) return;
    throw new FleetError(saysMissing(failure) ? 'ENOCOMMIT' : 'EGIT', `cannot fetch ${repo}: ${failure}`);
  }
}
