import type { Elsewhere } from '../../git/elsewhere.ts';
import type { Forgetting } from '../../git/forgetting.ts';
import type { GitStore } from '../../git/store.ts';
import { FleetError } from '../../protocol/errors.ts';
import { allOf } from './all-of.ts';
import type { OtherHubs } from './other-hubs.ts';
import { type RepositoryRecord, removedRecord, withoutCommit } from './repository-record.ts';
import type { RepositoryRecords } from './repository-records.ts';

/** A hub may have a large repository to pack. */
const TIDY_WITHIN_MS = 600_000;

interface Followers {
  follow(repo: string): Promise<void>;
  tellOf(repo: string, record: RepositoryRecord): Promise<unknown>;
}

export interface SharedRemovalsParts {
  others: OtherHubs;
  store: Pick<GitStore, 'path' | 'exists'>;
  git: { removals: { here: Pick<Forgetting, 'forget'> } };
  records: RepositoryRecords;
  shared: Followers;
}

/** Takes repositories and commits away from all hubs: from those that are away, when they are back. */
export class SharedRemovals implements Pick<Elsewhere, 'remove' | 'forget' | 'tidy'> {
  constructor(private readonly parts: SharedRemovalsParts) {}

  /** Resolves when it is gone here, and at another hub. */
  async remove(repo: string): Promise<void> {
    const { records, shared, store } = this.parts;
    // Of a repository that has followed no record, nobody could tell whether it is the one that was removed.
    await shared.follow(repo);
    const record = await records.change(repo, removedRecord);
    await shared.follow(repo);
    if (store.exists(repo)) throw new FleetError('EIO', `cannot remove ${store.path(repo)}`);
    if (record) await shared.tellOf(repo, record);
  }

  async forget(repo: string, commit: string, instead: string | null): Promise<string[]> {
    const { records, shared, git } = this.parts;
    const record = await records.change(repo, (now) => withoutCommit(now, commit, instead));
    const refs = await git.removals.here.forget(repo, commit, instead);
    await shared.follow(repo);
    if (record) void shared.tellOf(repo, record);
    return refs;
  }

  /** Of a hub that cannot be asked, nothing is freed. */
  async tidy(): Promise<number> {
    const freed = await allOf(this.parts.others, async ({ calls }) => {
      const { result } = await calls.call('repository.tidy', {}, { timeout: TIDY_WITHIN_MS });
      return result.freed;
    });
    return freed.reduce((sum, bytes) => sum + bytes, 0);
  }
}
