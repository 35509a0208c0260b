import { existsSync, renameSync, rmSync, statSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { FleetError, messageOf } from '../../protocol/errors.ts';
import type { CheckedOrderParams, OrderAnswers } from '../../protocol/orders.ts';
import { diskUsage } from '../../system/disk-usage.ts';
import type { MirrorUpkeep } from './mirror-upkeep.ts';
import { type Idle, outdated } from './outdated.ts';
import { type Release, releaseOf } from './release.ts';
import type { ReleaseStore } from './store.ts';
import { Turns } from './turns.ts';

export interface PruningOptions {
  /** Resolves when the checkouts are as the last drone left them, or better. */
  ready(): Promise<unknown>;
  store: ReleaseStore;
  /** Each release has one walk, or removal, at a time. */
  turns: Turns;
  /** Returns those of the directories that a process runs from right now. */
  occupied(release: Release, directories: readonly string[]): Set<string>;
  /** Returns true if a process or job of this commit runs or waits for its next start. */
  isPromised(release: Release): boolean;
  mirrors: Pick<MirrorUpkeep, 'tidy' | 'forget'>;
  problem(line: string): void;
}

type Pruned = OrderAnswers['prune'];
type Found = Idle & { release: Release };

/** Removes checkouts that nobody needs any more; `outdated` decides which. */
export class Pruning {
  private readonly turn = new Turns();
  /** For each order in progress, the releases that were used since it came. */
  private readonly used = new Set<Set<string>>();

  constructor(private readonly options: PruningOptions) {}

  /** Removes what is outdated, or only says what is. Throws EIO. */
  async prune({ dryRun, ...keep }: CheckedOrderParams['prune']): Promise<Pruned> {
    // From now on, because the hub has said what to keep before it asks for anything else.
    const used = new Set<string>();
    this.used.add(used);
    try {
      return await this.turn.take('prune', async () => {
        await this.options.ready();
        const going = outdated(this.checkouts(), keep, Date.now());
        const checkouts: Pruned['checkouts'] = [];
        for (const { release } of going) {
          const bytes = dryRun ? await this.removable(release) : await this.remove(release, used);
          if (bytes !== null) checkouts.push({ app: release.app, commit: release.commit, bytes });
        }
        const ofMirrors = dryRun ? 0 : await this.options.mirrors.tidy();
        return { checkouts, freed: checkouts.reduce((sum, { bytes }) => sum + bytes, ofMirrors) };
      });
    } finally {
      this.used.delete(used);
    }
  }

  /**
   * Removes all checkouts of a commit, and the commit from the mirror. Throws EBUSY, and removes nothing, if something runs from
   * one; EGIT, EIO.
   */
  async forget({ repo, commit }: CheckedOrderParams['forget']): Promise<Pruned> {
    return this.turn.take('prune', async () => {
      await this.options.ready();
      const releases = this.options.store
        .releases()
        .filter((one) => one.repo === repo && one.commit === commit);
      const busy = () => new FleetError('EBUSY', `something runs from ${repo}/${commit.slice(0, 7)} here`);
      if (releases.some((release) => this.isInUse(release))) throw busy();
      const checkouts: Pruned['checkouts'] = [];
      for (const { app } of new Map(releases.map((one) => [one.name, one])).values()) {
        const bytes = await this.remove(releaseOf(repo, commit, app), new Set());
        if (bytes === null) throw busy();
        checkouts.push({ app, commit, bytes });
      }
      const ofMirror = await this.options.mirrors.forget(repo, commit);
      return { checkouts, freed: checkouts.reduce((sum, { bytes }) => sum + bytes, ofMirror) };
    });
  }

  /** Notes that somebody is about to use a release. */
  use({ name }: Release): void {
    for (const used of this.used) used.add(name);
  }

  async settled(): Promise<void> {
    await this.turn.idle();
  }

  private checkouts(): Found[] {
    const { store, isPromised } = this.options;
    const byName = new Map(store.releases().map((release) => [release.name, release]));
    return [...byName.values()]
      .filter((release) => !isPromised(release))
      .map((release) => this.found(release));
  }

  private found(release: Release): Found {
    const { store } = this.options;
    const { app, repo, commit } = release;
    const record = store.read(release);
    const at = record?.at ?? madeAt(store.pathOf(release.name));
    const isPrepared = store.isPrepared(release);
    // An older drone did not note what was deployed by hand.
    const byHandAt = record?.byHandAt ?? (isPrepared ? null : at);
    return { release, app, repo, commit, at, byHandAt, isPrepared };
  }

  private isInUse(release: Release): boolean {
    const directories = this.options.store.directoriesOf(release);
    return this.options.isPromised(release) || this.options.occupied(release, directories).size > 0;
  }

  private async size(release: Release): Promise<number> {
    const { store } = this.options;
    let bytes = await diskUsage(store.gitDir(release));
    for (const directory of store.directoriesOf(release)) bytes += await diskUsage(store.pathOf(directory));
    return bytes;
  }

  /** Returns the bytes that `remove` would free; null if something runs from it. */
  private async removable(release: Release): Promise<number | null> {
    return this.isInUse(release) ? null : this.size(release);
  }

  /** Returns the freed bytes; null if something runs from it, or if it is `used`. */
  private remove(release: Release, used: ReadonlySet<string>): Promise<number | null> {
    return this.options.turns.take(release.name, async () => {
      const bytes = await this.size(release);
      // From here to the end of `putAside`, nothing else happens in this process: nothing starts there meanwhile.
      if (used.has(release.name) || this.isInUse(release)) return null;
      try {
        for (const path of this.putAside(release)) await rm(path, { recursive: true, force: true });
      } catch (error) {
        this.options.problem(`cannot remove all of ${release.name}: ${messageOf(error)}`);
      }
      return bytes;
    });
  }

  /** Renames its directories to what the next drone would remove, and forgets the release. Returns the new paths. */
  private putAside(release: Release): string[] {
    const { store } = this.options;
    const gitDir = store.gitDir(release);
    const moves = store
      .directoriesOf(release)
      .map((name) => [store.pathOf(name), store.pathOf(`.old-${name}.${process.pid}`)] as const);
    if (existsSync(gitDir)) moves.push([gitDir, `${gitDir}.old.git.tmp`]);
    const aside = moves.map(([from, to]) => {
      rmSync(to, { recursive: true, force: true });
      renameSync(from, to);
      return to;
    });
    store.forget(release);
    return aside;
  }
}

/** Returns when a directory was changed, in milliseconds since 1970; now, if that cannot be seen. */
function madeAt(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Date.now();
}
