import { existsSync } from 'node:fs';
import { borrowObjects } from '../../git/checkout.ts';
import type { Preparation } from '../../protocol/instance.ts';
import type { CheckedOrderParams, OrderAnswers } from '../../protocol/orders.ts';
import { bootId } from '../../system/procfs.ts';
import { gitMark } from '../processes/environment.ts';
import { buildRunner } from './build-runner.ts';
import { Builds, type PreparationResult } from './builds.ts';
import { Leftovers } from './leftovers.ts';
import { Mirrors } from './mirrors.ts';
import type { Need } from './need.ts';
import type { Want } from './next.ts';
import { isPromised, occupantsOf, occupiedBy } from './occupancy.ts';
import type { ReleasesOptions } from './options.ts';
import { Pruning } from './pruning.ts';
import { type Release, releaseOf } from './release.ts';
import { Room } from './room.ts';
import type { StepContext } from './steps/context.ts';
import { ReleaseStore } from './store.ts';
import { Turns } from './turns.ts';
import { Walk } from './walk.ts';

export type { Want };

/** The commits on a drone, each in its own directory. A directory is not changed while a process runs from it. */
export class Releases {
  private readonly store: ReleaseStore;
  private readonly leftovers: Leftovers;
  readonly room: Room;
  private readonly mirrors: Mirrors;
  private readonly builds: Builds;
  private readonly pruning: Pruning;
  private readonly env: Record<string, string>;
  /** Each release has one walk at a time. */
  private readonly turns = new Turns();
  /** Each app has one walk to `built` at a time: its releases share files and caches. */
  private readonly apps = new Turns();
  /** Walks in progress, by want and release. */
  private readonly underWay = new Map<string, Promise<boolean>>();
  private readonly boot = bootId();
  private swept: Promise<void> | undefined;
  /** Settles once checkouts find their mirrors: since the last start, a directory may have been moved or become a link. */
  private readonly linked: Promise<unknown>;

  /** Throws EIO if the directory cannot be read. */
  constructor(private readonly options: ReleasesOptions) {
    this.store = new ReleaseStore(options.dir, options.problem);
    this.leftovers = new Leftovers(this.store);
    this.env = gitMark(options.mark);
    this.room = new Room(options);
    const { store, room, env, boot } = this;
    this.mirrors = new Mirrors({ ...options, store, room, env, boot });
    this.builds = new Builds({
      store: this.store,
      name: options.name,
      walk: (release, need) => this.walkToBuilt(release, need),
      renew: ({ repo, commit, app }) => this.bring('new', repo, commit, app),
      isBuilt: (release) => this.isBuilt(release),
      isBuilding: (release) => {
        const job = this.store.read(release)?.job ?? null;
        return job !== null && options.jobs.stateOf(job) === 'running';
      },
      outcome: (job) => options.jobs.outcome(job),
      othersEnded: (release) => this.otherBuildsEnded(release),
    });
    this.pruning = new Pruning({
      ...{ store: this.store, turns: this.turns, problem: options.problem },
      ready: () => Promise.all([this.sweep(), this.linked]),
      occupied: (release, directories) => this.occupied(release, directories),
      isPromised: (release) => isPromised(release, options),
      mirrors: this.mirrors.upkeep,
    });
    const borrowers = this.store.borrowers();
    this.linked = Promise.allSettled(borrowers.map(({ gitDir, mirror }) => borrowObjects(gitDir, mirror)));
  }

  /**
   * Returns the directory in which a process of this commit starts, after making it if necessary. A caller that starts
   * the process without awaiting anything else cannot lose the directory to a replacement. Throws what `bring` does.
   */
  async ensure(repo: string, commit: string, app = repo): Promise<string> {
    const release = releaseOf(repo, commit, app);
    this.pruning.use(release);
    await this.linked;
    if (this.turns.isBusy(release.name) || !this.isReady(release))
      await this.bring('present', repo, commit, app);
    return this.pathOf(release);
  }

  /** Prepares a commit for processes of an app. Throws what `Builds.prepare` does. */
  prepare(preparation: Preparation): Promise<PreparationResult> {
    this.pruning.use(releaseOf(preparation.repo, preparation.commit, preparation.app));
    return this.builds.prepare(preparation);
  }

  /**
   * Returns the directory in which a process of an app starts, after preparing it again if necessary. See `ensure`.
   * Throws what `Builds.prepareAgain` does.
   */
  async ensurePrepared({ app, repo, commit }: Pick<Release, 'app' | 'repo' | 'commit'>): Promise<string> {
    const release = releaseOf(repo, commit, app);
    this.pruning.use(release);
    await this.linked;
    if (this.turns.isBusy(release.name) || !this.isBuilt(release)) await this.builds.prepareAgain(release);
    return this.pathOf(release);
  }

  /**
   * Makes what is wanted available. Returns true if something was made or restored. Throws ENOCOMMIT, EGIT, EIO, and the
   * errors of a hub that cannot be reached.
   */
  bring(want: Exclude<Want, 'built'>, repo: string, commit: string, app = repo): Promise<boolean> {
    const release = releaseOf(repo, commit, app);
    this.pruning.use(release);
    const key = `${want} ${release.name}`;
    let brought = this.underWay.get(key);
    if (!brought) {
      const walk = () =>
        Promise.all([this.sweep(), this.linked]).then(() => new Walk(this.context(release), want).run());
      brought = this.turns.take(release.name, walk).finally(() => this.underWay.delete(key));
      this.underWay.set(key, brought);
    }
    return brought;
  }

  /** Removes checkouts that are not needed any more. Throws EIO. */
  prune(order: CheckedOrderParams['prune']): Promise<OrderAnswers['prune']> {
    return this.pruning.prune(order);
  }

  forget(order: CheckedOrderParams['forget']): Promise<OrderAnswers['forget']> {
    return this.pruning.forget(order);
  }

  /** Removes what a killed drone left unfinished. */
  sweep(): Promise<void> {
    this.swept ??= this.options.supervisor.cleared.then(() => this.leftovers.remove());
    return this.swept;
  }

  async close(): Promise<void> {
    await Promise.all([this.linked, this.apps.idle(), this.turns.idle(), this.pruning.settled()]);
    await this.mirrors.close();
  }

  private walkToBuilt(release: Release, need: Need): Promise<string | null> {
    const walk = async () => {
      await Promise.all([this.sweep(), this.linked]);
      const walk = new Walk(this.context(release), 'built', need);
      await walk.run();
      return walk.pending;
    };
    return this.apps.take(release.app, () => this.turns.take(release.name, walk));
  }

  /** Resolves once the builds that a previous drone has started have ended; this drone's are queued. */
  private otherBuildsEnded({ app, commit }: Release): Promise<unknown> {
    const { jobs } = this.options;
    const builds = jobs.active().filter(({ release }) => release === null);
    const others = builds.filter((job) => job.app !== app || job.commit !== commit);
    return Promise.all(others.map(({ id }) => jobs.outcome(id)));
  }

  private isBuilt(release: Release): boolean {
    return this.isReady(release) && this.store.read(release)?.prepared === 'built';
  }

  private isReady(release: Release): boolean {
    const record = this.store.read(release);
    return record?.state === 'ready' && record.boot === this.boot && existsSync(this.pathOf(release));
  }

  private pathOf(release: Release): string {
    return this.store.pathOf(this.store.read(release)?.directory ?? release.name);
  }

  /** Returns those of the directories that a process runs from right now. */
  private occupied(release: Release, directories: readonly string[]): Set<string> {
    const { deploy } = this.store;
    // All directories, because a process that is seen in another one does not run from these.
    const occupants = occupantsOf(release, deploy, this.options);
    const occupied = occupiedBy(occupants, deploy, this.store.directories());
    return new Set(directories.filter((name) => occupied.has(name)));
  }

  private context(release: Release): StepContext {
    const { store, mirrors, room, env, boot, options } = this;
    return {
      release,
      store,
      env,
      boot,
      mirrors,
      room,
      builds: buildRunner(options.jobs),
      occupied: (directories) => this.occupied(release, directories),
      problem: options.problem,
    };
  }
}
