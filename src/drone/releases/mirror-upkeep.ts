import { existsSync, renameSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { basename } from 'node:path';
import { type Clutter, clutterOf, needsMaintenance } from '../../git/maintenance.ts';
import { commitsIn, forgetCommits, packMirror } from '../../git/mirror.ts';
import { messageOf } from '../../protocol/errors.ts';
import { diskUsage } from '../../system/disk-usage.ts';
import type { Release } from './release.ts';
import type { ReleaseStore } from './store.ts';
import type { Turns } from './turns.ts';

/** So many commits stay that no checkout needs, because removing them takes as long as packing all that stays. */
const MAX_UNNEEDED = 10;

export interface MirrorUpkeepOptions {
  store: ReleaseStore;
  /** By repository; nothing is fetched into a mirror during another turn. */
  turns: Turns;
  /** Added to git's environment. */
  env: Record<string, string>;
  /** Ends what is in progress. */
  signal: AbortSignal;
  problem(line: string): void;
}

/** Keeps mirrors small and fast. What a checkout needs stays. */
export class MirrorUpkeep {
  constructor(private readonly options: MirrorUpkeepOptions) {}

  /**
   * Removes mirrors, and commits in them, that no checkout needs any more, and packs mirrors that are worth it. Resolves to
   * the bytes that this has freed.
   */
  async tidy(): Promise<number> {
    let freed = 0;
    for (const mirror of this.options.store.mirrors()) {
      const repo = basename(mirror, '.git');
      if (repo.startsWith('.')) continue;
      freed += (await this.take(repo, () => this.tidyOne(repo, mirror))) ?? 0;
    }
    return freed;
  }

  /**
   * Removes a commit that no checkout has, and all others that none needs: they may contain it. Resolves to the bytes that this
   * has freed. Throws EGIT, EIO.
   */
  forget(repo: string, commit: string): Promise<number> {
    const mirror = this.options.store.mirror({ repo });
    return this.options.turns.take(repo, async () => {
      if (!existsSync(mirror)) return 0;
      const needed = this.options.store.neededOf(repo).filter((one) => one !== commit);
      const before = await diskUsage(mirror);
      if (needed.length === 0) await this.remove(repo);
      else {
        const unneeded = (await commitsIn(mirror)).filter((one) => !needed.includes(one));
        await forgetCommits(mirror, unneeded, this.gitOptions);
      }
      return Math.max(0, before - (await diskUsage(mirror)));
    });
  }

  /** Packs a mirror after a fetch: each leaves a pack and a ref, and `tidy` may be a thousand deploys away. */
  packLater({ repo }: Release): void {
    const mirror = this.options.store.mirror({ repo });
    const isWorthIt = () => needsMaintenance(clutterOf(mirror));
    const pack = async () => {
      if (isWorthIt()) await packMirror(mirror, this.gitOptions);
    };
    if (isWorthIt()) void this.take(repo, pack);
  }

  /** Returns undefined if `work` has failed, or if there is no time for it. */
  private async take<T>(repo: string, work: () => Promise<T>): Promise<T | undefined> {
    const { turns, signal, problem } = this.options;
    try {
      return await turns.take(repo, async () => (signal.aborted ? undefined : work()));
    } catch (error) {
      if (!signal.aborted) problem(`the mirror of ${repo} cannot be tidied: ${messageOf(error)}`);
      return undefined;
    }
  }

  private async tidyOne(repo: string, mirror: string): Promise<number> {
    const commits = await commitsIn(mirror);
    // By now, what was fetched last has been recorded.
    const needed = new Set(this.options.store.neededOf(repo));
    const unneeded = commits.filter((commit) => !needed.has(commit));
    const upkeep = upkeepOf(needed.size, unneeded.length, clutterOf(mirror));
    if (upkeep === null) return 0;
    const before = await diskUsage(mirror);
    if (upkeep === 'remove') await this.remove(repo);
    else if (upkeep === 'forget') await forgetCommits(mirror, unneeded, this.gitOptions);
    else await packMirror(mirror, this.gitOptions);
    return Math.max(0, before - (await diskUsage(mirror)));
  }

  private async remove(repo: string): Promise<void> {
    const { store } = this.options;
    const old = store.asideMirror({ repo }, 'old');
    await rm(old, { recursive: true, force: true });
    renameSync(store.mirror({ repo }), old);
    await rm(old, { recursive: true, force: true });
  }

  private get gitOptions() {
    return { extra: this.options.env, signal: this.options.signal };
  }
}

/** Returns what is to be done to a mirror with so many commits that checkouts need, and that none needs; null for nothing. */
export function upkeepOf(
  needed: number,
  unneeded: number,
  clutter: Clutter,
): 'remove' | 'forget' | 'pack' | null {
  if (needed === 0) return 'remove';
  if (unneeded > MAX_UNNEEDED) return 'forget';
  return needsMaintenance(clutter) ? 'pack' : null;
}
