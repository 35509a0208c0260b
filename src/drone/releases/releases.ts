import { existsSync } from 'node:fs';
import { borrowObjects } from '../../git/checkout.ts';
import type { HubRemote } from '../../git/remote.ts';
import { bootId } from '../../system/procfs.ts';
import { gitMark } from '../processes/environment.ts';
import { Leftovers } from './leftovers.ts';
import { Mirrors } from './mirrors.ts';
import type { Want } from './next.ts';
import { occupantsOf, occupiedBy, type Running } from './occupancy.ts';
import { type Release, releaseOf } from './release.ts';
import type { StepContext } from './steps/context.ts';
import { ReleaseStore } from './store.ts';
import { Turns } from './turns.ts';
import { Walk } from './walk.ts';

export type { Want };

export interface ReleasesOptions {
  dir: string;
  /** See `markOf`. */
  mark: string;
  hub(): HubRemote;
  supervisor: Running['supervisor'] & {
    /** Settles once no git of an earlier drone is running here. */
    readonly cleared: Promise<unknown>;
  };
  execs: Running['execs'];
  /** Reports a problem to the operator, in one line. */
  problem(line: string): void;
}

/** The commits on a drone, each in its own directory. A directory is not changed while a process runs from it. */
export class Releases {
  private readonly store: ReleaseStore;
  private readonly leftovers: Leftovers;
  private readonly mirrors: Mirrors;
  private readonly env: Record<string, string>;
  /** Each release has one walk at a time. */
  private readonly turns = new Turns();
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
    this.mirrors = new Mirrors({ ...options, store: this.store, env: this.env, boot: this.boot });
    const borrowers = this.store.borrowers();
    this.linked = Promise.allSettled(borrowers.map(({ gitDir, mirror }) => borrowObjects(gitDir, mirror)));
  }

  /**
   * Returns the directory in which a process of this commit starts, after making it if necessary. A caller that starts
   * the process without awaiting anything else cannot lose the directory to a replacement. Throws what `bring` does.
   */
  async ensure(repo: string, commit: string): Promise<string> {
    const release = releaseOf(repo, commit);
    await this.linked;
    if (this.turns.isBusy(release.name) || !this.isReady(release)) await this.bring('present', repo, commit);
    return this.pathOf(release);
  }

  /**
   * Makes what is wanted available. Returns true if something was made or restored. Throws ENOCOMMIT, EGIT, EIO, and the
   * errors of a hub that cannot be reached.
   */
  bring(want: Want, repo: string, commit: string): Promise<boolean> {
    const release = releaseOf(repo, commit);
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

  /** Removes what a killed drone left unfinished. */
  sweep(): Promise<void> {
    this.swept ??= this.options.supervisor.cleared.then(() => this.leftovers.remove());
    return this.swept;
  }

  async close(): Promise<void> {
    await Promise.all([this.linked, this.turns.idle()]);
    await this.mirrors.close();
  }

  private isReady(release: Release): boolean {
    const record = this.store.read(release);
    return record?.state === 'ready' && record.boot === this.boot && existsSync(this.pathOf(release));
  }

  private pathOf(release: Release): string {
    return this.store.pathOf(this.store.read(release)?.directory ?? release.name);
  }

  private context(release: Release): StepContext {
    const { store, mirrors, env, boot, options } = this;
    return {
      release,
      store,
      env,
      boot,
      mirrors,
      occupied: (directories) =>
        occupiedBy(occupantsOf(release, store.deploy, options), store.deploy, directories),
      problem: options.problem,
    };
  }
}
