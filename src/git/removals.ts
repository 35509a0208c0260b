import { diskUsage } from '../system/disk-usage.ts';
import type { Elsewhere } from './elsewhere.ts';
import type { Forgetting } from './forgetting.ts';
import type { Maintenance } from './maintenance.ts';
import { removeRepository } from './repositories.ts';
import type { GitStore } from './store.ts';

/** Takes away what nobody needs any more: here, and at the other hubs if there are any. */
export class Removals {
  constructor(
    private readonly store: GitStore,
    private readonly maintenance: Pick<Maintenance, 'tidyAll'>,
    /** Forgets commits here. */
    readonly here: Forgetting,
    private readonly elsewhere: Elsewhere | null,
  ) {}

  /** Removes a repository with all its commits. Throws EIO. */
  remove(repo: string): Promise<void> {
    return this.elsewhere ? this.elsewhere.remove(repo) : removeRepository(this.store, repo);
  }

  /** See `Forgetting.forget`. */
  forget(repo: string, commit: string, instead: string | null): Promise<string[]> {
    return (this.elsewhere ?? this.here).forget(repo, commit, instead);
  }

  /** Packs all repositories, and resolves to the bytes that this has freed. Every object stays. */
  async tidy(): Promise<number> {
    const [here, there] = await Promise.all([this.tidyHere(), this.elsewhere?.tidy() ?? 0]);
    return here + there;
  }

  /** The same for this hub alone. */
  async tidyHere(): Promise<number> {
    const before = await diskUsage(this.store.dir);
    await this.maintenance.tidyAll();
    return Math.max(0, before - (await diskUsage(this.store.dir)));
  }
}
