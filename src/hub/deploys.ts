import type { GitServer } from '../git/server.ts';
import type { ClientAnswers } from '../protocol/client-calls.ts';
import { FleetError, toWire, type WireError } from '../protocol/errors.ts';
import type { FetchState } from '../protocol/fetch.ts';
import { ORDER_TIMEOUT_MS } from '../protocol/limits.ts';
import type { CheckedOrderParams } from '../protocol/orders.ts';
import { Semaphore } from '../system/semaphore.ts';
import type { CommitSizes } from './commit-sizes.ts';
import type { DeployedCommits } from './deployed-commits.ts';
import type { DroneDirectory } from './drones/directory.ts';
import { orderRepeatably } from './repeatable-order.ts';
import { Overdue, Stragglers } from './stragglers.ts';

/** How many drones fetch at once. Git is the cost: each fetch is a process of the hub. */
const MAX_PARALLEL_FETCHES = 24;
/** After this time, a drone that is slow to answer no longer holds up those that are still to be asked. */
const LONGEST_TURN_MS = 15_000;

/** A commit that drones should have, all of them or those with these names; with `force`, in a fresh checkout. */
export interface Wanted {
  repo: string;
  commit: string;
  force: boolean;
  drones: readonly string[] | null;
}

/** How far a deploy is, and of one drone how far its fetch is. */
type ProgressListener = (done: number, total: number, fetching: Fetching | null) => void;
type Fetching = { drone: string } & FetchState;

/** Brings commits to drones, now and when they join. */
export class Deploys {
  /** Told how far drones are, by repository and commit. */
  private readonly watchers = new Map<string, Set<(fetching: Fetching) => void>>();
  private readonly overdue = new Overdue();

  constructor(
    private readonly git: Pick<GitServer, 'has' | 'hold'>,
    private readonly directory: DroneDirectory,
    private readonly deployed: Pick<DeployedCommits, 'deploy' | 'wantedSince'>,
    private readonly sizes: Pick<CommitSizes, 'of'>,
  ) {}

  /**
   * Records that these drones should have this commit, and has the connected ones check it out. Calls `progress` after
   * each drone, and meanwhile with how far a slow fetch is. Throws ENOCOMMIT if the hub does not have the commit, EIO if it cannot record it.
   */
  async deploy(
    { repo, commit, force, drones: named }: Wanted,
    progress: ProgressListener = () => {},
  ): Promise<ClientAnswers['deploy']> {
    await this.mustHave(repo, commit);
    const size = this.sizes.of(repo, commit);
    await this.git.hold(repo, commit);
    const { only, unknown } = this.known(named);
    await this.deployed.deploy(repo, commit, only && [...only]);
    const known = await size;
    const wanted = { repo, commit, force, ...(known && { size: known }) };
    const drones: Record<string, WireError | null> = { ...unknown };
    const absent = this.directory.lost(only && [...only]);
    const connected = this.directory.connected().map(({ name }) => name);
    const names = connected.filter((name) => !only || only.has(name));
    let done = 0;
    const semaphore = new Semaphore(MAX_PARALLEL_FETCHES, LONGEST_TURN_MS);
    const stragglers = new Stragglers(this.overdue);
    const work = names.map((name) =>
      semaphore.run(async () => {
        drones[name] = await this.order(name, wanted, stragglers);
        progress(++done, names.length, null);
      }),
    );
    const unwatch = this.watch(repo, commit, (fetching) => {
      stragglers.sign(fetching.drone, fetching.percent);
      progress(done, names.length, fetching);
    });
    await Promise.all(work).finally(() => {
      unwatch();
      stragglers.close();
    });
    // If a drone could not fetch it because it is damaged here, it is not here any more.
    await this.mustHave(repo, commit);
    return { drones, absent };
  }

  /**
   * Returns what a drone should have. `seen` is when it was last connected (ms since 1970), undefined for a new one.
   */
  wantedBy(drone: string, seen: number | undefined): { repo: string; commit: string }[] {
    return this.deployed
      .wantedSince(seen ?? Number.POSITIVE_INFINITY, drone)
      .map(({ repo, commit }) => ({ repo, commit }));
  }

  /** Takes how far the fetch of a drone is. */
  fetching(drone: string, { repo, commit, ...state }: { repo: string; commit: string } & FetchState): void {
    for (const watcher of this.watchers.get(`${repo}/${commit}`) ?? []) watcher({ drone, ...state });
  }

  /** Returns the function that ends it. */
  private watch(repo: string, commit: string, watcher: (fetching: Fetching) => void): () => void {
    const key = `${repo}/${commit}`;
    const watchers = this.watchers.get(key) ?? new Set();
    this.watchers.set(key, watchers.add(watcher));
    return () => {
      watchers.delete(watcher);
      if (watchers.size === 0) this.watchers.delete(key);
    };
  }

  /** Returns the named drones that there are, and the errors of others: what these should have is not kept. */
  private known(named: readonly string[] | null) {
    const unknown: Record<string, WireError> = {};
    if (!named) return { only: null, unknown };
    const only = new Set<string>();
    for (const name of named) {
      if (this.directory.get(name)) only.add(name);
      else unknown[name] = toWire(new FleetError('ENODRONE', `there is no drone ${name}`));
    }
    return { only, unknown };
  }

  private async mustHave(repo: string, commit: string): Promise<void> {
    if (await this.git.has(repo, commit)) return;
    const message = `the hub does not have ${repo}/${commit} yet; fleet deploy pushes it`;
    throw new FleetError('ENOCOMMIT', message);
  }

  private async order(
    name: string,
    wanted: CheckedOrderParams['deploy'],
    stragglers: Stragglers,
  ): Promise<WireError | null> {
    try {
      await orderRepeatably(this.directory, name, (connection) => {
        const answer = connection.orders.call('deploy', wanted, { timeout: ORDER_TIMEOUT_MS });
        return stragglers.wait(name, connection, answer, this.directory.get(name)?.by ?? null);
      });
      return null;
    } catch (error) {
      return toWire(error);
    }
  }
}
