import { EventEmitter } from 'node:events';
import { type Deployed, isDeployed, newestOf, wantedSince, withDeployed } from './deployed.ts';
import { KeptRecords } from './store/kept-records.ts';
import { notWritten } from './store/not-written.ts';
import { inOrderOfTime } from './store/section.ts';
import type { Entry, Store } from './store/store.ts';

const PREFIX = 'deployed.';

/**
 * The commits that drones should have, of each repository the oldest first. Emits `elsewhere` with a repository of which another
 * hub has recorded something.
 */
export class DeployedCommits extends EventEmitter<{ elsewhere: [repo: string] }> {
  private all: readonly Deployed[] = [];

  private constructor(private readonly kept: KeptRecords<Deployed[]>) {
    super();
    const read = () => {
      this.all = inOrderOfTime([...kept.all.values()]);
    };
    read();
    kept.follow((elsewhere) => {
      read();
      for (const key of elsewhere) this.emit('elsewhere', key.slice(PREFIX.length));
    });
  }

  /** Throws ECONFIG if something that is stored is not what a hub wrote. */
  static async open(store: Store): Promise<DeployedCommits> {
    const check = ({ key, value }: Entry) => {
      if (Array.isArray(value) && value.every(isDeployed)) return value;
      throw notWritten(store.where(key), 'to start afresh');
    };
    return new DeployedCommits(await KeptRecords.open(store, [PREFIX], check));
  }

  /** Records that all drones, or only some, should have a commit. Throws EIO. */
  async deploy(repo: string, commit: string, only: readonly string[] | null = null): Promise<void> {
    await this.kept.change((now) => {
      const before = now.get(PREFIX + repo) ?? [];
      return { next: [[PREFIX + repo, withDeployed(before, { repo, commit }, only, Date.now())]] };
    });
  }

  /** Forgets that drones should have a commit. Returns false if they should not. Throws EIO. */
  async forgetCommit(repo: string, commit: string): Promise<boolean> {
    const made = await this.kept.change((now) => {
      const before = now.get(PREFIX + repo) ?? [];
      const left = before.filter((one) => one.commit !== commit);
      return left.length < before.length ? { next: [[PREFIX + repo, left.length > 0 ? left : null]] } : null;
    });
    return made !== null;
  }

  /** Forgets the commits of a repository that is removed. Throws EIO. */
  async forgetRepository(repo: string): Promise<void> {
    await this.kept.change((now) => (now.has(PREFIX + repo) ? { next: [[PREFIX + repo, null]] } : null));
  }

  /** Returns all of them. */
  list(): readonly Deployed[] {
    return this.all;
  }

  /** See {@link wantedSince}. */
  wantedSince(seen: number, drone: string): Deployed[] {
    return wantedSince(this.all, seen, drone);
  }

  /** See {@link newestOf}. */
  newest(repo: string): string | null {
    return newestOf(this.kept.all.get(PREFIX + repo) ?? [], repo);
  }
}
