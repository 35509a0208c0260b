import type { GitServer } from '../git/server.ts';
import type { ClientAnswers } from '../protocol/client-calls.ts';
import { FleetError, toWire, type WireError } from '../protocol/errors.ts';
import { ORDER_TIMEOUT_MS } from '../protocol/limits.ts';
import { Semaphore } from '../system/semaphore.ts';
import type { DroneDirectory } from './drones/directory.ts';
import type { StateFile } from './state.ts';

/** How many drones fetch at once. Git is the cost: each fetch is a process of the hub. */
const MAX_PARALLEL_FETCHES = 24;

/** A commit that drones should have; with `force`, in a fresh checkout. */
export interface Wanted {
  repo: string;
  commit: string;
  force: boolean;
}

/** Brings commits to drones, now and when they join. */
export class Deploys {
  constructor(
    private readonly git: Pick<GitServer, 'has' | 'hold'>,
    private readonly directory: DroneDirectory,
    private readonly state: StateFile,
  ) {}

  /**
   * Records that every drone should have this commit, and has the connected ones check it out. Calls `progress` after
   * each drone. Throws ENOCOMMIT if the hub does not have the commit, EIO if it cannot record it.
   */
  async deploy(
    { repo, commit, force }: Wanted,
    progress: (done: number, total: number) => void = () => {},
  ): Promise<ClientAnswers['deploy']> {
    await this.mustHave(repo, commit);
    await this.git.hold(repo, commit);
    this.state.deploy(repo, commit);
    const drones: Record<string, WireError | null> = {};
    const absent = this.directory.lost();
    const names = this.directory.connected().map(({ name }) => name);
    let done = 0;
    const semaphore = new Semaphore(MAX_PARALLEL_FETCHES);
    const work = names.map((name) =>
      semaphore.run(async () => {
        drones[name] = await this.order(name, { repo, commit, force });
        progress(++done, names.length);
      }),
    );
    await Promise.all(work);
    // If a drone could not fetch it because it is damaged here, it is not here any more.
    await this.mustHave(repo, commit);
    return { drones, absent };
  }

  /**
   * Returns what a drone should have. `seen` is when it was last connected (ms since 1970), undefined for a new one.
   */
  wantedBy(seen: number | undefined): { repo: string; commit: string }[] {
    return this.state
      .wantedSince(seen ?? Number.POSITIVE_INFINITY)
      .map(({ repo, commit }) => ({ repo, commit }));
  }

  private async mustHave(repo: string, commit: string): Promise<void> {
    if (await this.git.has(repo, commit)) return;
    const message = `the hub does not have ${repo}/${commit} yet; fleet deploy pushes it`;
    throw new FleetError('ENOCOMMIT', message);
  }

  private async order(name: string, wanted: Wanted): Promise<WireError | null> {
    try {
      await this.directory.connection(name).orders.call('deploy', wanted, { timeout: ORDER_TIMEOUT_MS });
      return null;
    } catch (error) {
      return toWire(error);
    }
  }
}
