import type { GitStore } from '../git/store.ts';
import type { ClientAnswers } from '../protocol/client-calls.ts';
import { FleetError, toWire, type WireError } from '../protocol/errors.ts';
import { ORDER_TIMEOUT_MS } from '../protocol/limits.ts';
import { Semaphore } from '../system/semaphore.ts';
import type { DroneDirectory } from './drones/directory.ts';
import type { StateFile } from './state.ts';

/** Drones that fetch at once. Git is the cost: each fetch is a process of the hub's. */
const FETCH_AT_ONCE = 24;

/** A commit that drones should have; with `force`, checked out anew. */
export interface Wanted {
  repo: string;
  commit: string;
  force: boolean;
}

/** Brings commits to drones, now and when they come. */
export class Deploys {
  constructor(
    private readonly store: Pick<GitStore, 'has' | 'hold'>,
    private readonly directory: DroneDirectory,
    private readonly state: StateFile,
  ) {}

  /**
   * Records that every drone should have this commit, and has those that are connected check it out. `progress` is
   * told after each drone. Throws ENOCOMMIT if the hub does not have it, EIO if the hub cannot record it.
   */
  async deploy(
    { repo, commit, force }: Wanted,
    progress: (done: number, total: number) => void = () => {},
  ): Promise<ClientAnswers['deploy']> {
    if (!(await this.store.has(repo, commit)))
      throw new FleetError(
        'ENOCOMMIT',
        `the hub does not have ${repo}/${commit} yet; fleet deploy pushes it`,
      );
    await this.store.hold(repo, commit);
    this.state.deploy(repo, commit);
    const drones: Record<string, WireError | null> = {};
    const absent = this.directory.lost();
    const names = this.directory.connected().map(({ name }) => name);
    let done = 0;
    const semaphore = new Semaphore(FETCH_AT_ONCE);
    const work = names.map((name) =>
      semaphore.run(async () => {
        drones[name] = await this.order(name, { repo, commit, force });
        progress(++done, names.length);
      }),
    );
    await Promise.all(work);
    return { drones, absent };
  }

  /** What a drone should have. `seen` is when it was last connected (ms since 1970), undefined for a new one. */
  wantedBy(seen: number | undefined): { repo: string; commit: string }[] {
    return this.state
      .wantedSince(seen ?? Number.POSITIVE_INFINITY)
      .map(({ repo, commit }) => ({ repo, commit }));
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
