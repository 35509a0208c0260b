import { type CommitSize, pushedSize } from '../git/commit-size.ts';
import type { GitStore } from '../git/store.ts';
import { BoundedMap } from '../system/bounded-map.ts';

/** A commit with more of either is for each drone to count, as far as its own limits. */
const MOST: CommitSize = { files: 50_000, bytes: 1024 ** 4 };
const MAX_KNOWN = 100;

/** How large commits are, which is the same for all drones: one git tells, and not one on each. */
export class CommitSizes {
  private readonly known = new BoundedMap<string, Promise<CommitSize | null>>(MAX_KNOWN);

  constructor(private readonly store: Pick<GitStore, 'path' | 'holderOf'>) {}

  /** Returns the size of a commit that the hub has; null if it is very large, or its repository is damaged. */
  of(repo: string, commit: string): Promise<CommitSize | null> {
    const known = this.known.get(commit);
    if (known) return known;
    const size = this.count(repo, commit).catch(() => {
      this.known.delete(commit);
      return null;
    });
    this.known.set(commit, size);
    return size;
  }

  private async count(repo: string, commit: string): Promise<CommitSize | null> {
    const size = await pushedSize(this.store.path(await this.store.holderOf(repo, commit)), commit, MOST);
    return size.files > MOST.files || size.bytes > MOST.bytes ? null : size;
  }
}
