import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { putAsideUnlessFile } from '../system/put-aside.ts';
import { regularText } from '../system/regular-file.ts';
import { withBorrowingRepository } from './borrowing-repository.ts';
import { fleetEnvironment } from './environment.ts';
import { git } from './run.ts';
import { type GitStore, shallowName } from './store.ts';

/** Relative to the directory `objects` of a repository inside another one. */
const ALTERNATES = '../../objects\n';
const SETTINGS = '[receive]\n\tshallowUpdate = true\n';

/**
 * Commits that were pushed without their history, as CI clones them (`--depth=1`): a deploy needs only their trees. They are
 * kept in a separate repository inside the repository, which borrows its objects. In the repository itself, they would cut
 * the history of everything that is pushed and cloned later.
 */
export class ShallowCommits {
  constructor(private readonly store: GitStore) {}

  /** Makes the separate repository if it does not exist, and returns its name in the store. Throws ELIMIT, EIO. */
  async create(repo: string): Promise<string> {
    const name = shallowName(repo);
    await this.store.create(name, SETTINGS);
    await this.borrow(name);
    return name;
  }

  /** Repairs the files of that repository as `GitStore.mend` does. */
  async mend(repo: string): Promise<number> {
    const name = shallowName(repo);
    if (!existsSync(this.store.path(name))) return 0;
    const mended = this.store.mend(name, SETTINGS);
    await this.borrow(name);
    return mended;
  }

  /** Returns the name of the repository that serves a fetch of these commits. Without any, the client lists the refs. */
  async sourceOf(repo: string, wants: string[]): Promise<string> {
    const name = shallowName(repo);
    if (!this.store.exists(name)) return repo;
    // Until a commit with history is pushed, a clone gets these.
    if (wants.length === 0) return (await this.store.isEmpty(repo)) ? name : repo;
    const holders = await Promise.all(wants.map((want) => this.store.holderOf(repo, want)));
    return holders.every((holder) => holder === name) ? name : repo;
  }

  private async borrow(name: string): Promise<void> {
    const alternates = join(this.store.path(name), 'objects/info/alternates');
    putAsideUnlessFile(alternates);
    if ((await regularText(alternates)) !== ALTERNATES) await writeFile(alternates, ALTERNATES);
  }

  /** Moves a commit to the repository itself if all of its history is there, because its parents were pushed before. */
  async promote(repo: string, commit: string): Promise<void> {
    const [from, to] = [this.store.path(shallowName(repo)), this.store.path(repo)];
    const push = ['push', '--porcelain', to, `${commit}:refs/fleet/${commit}`];
    // The borrowing repository is not shallow, so git follows the whole history, and fails if a part is missing.
    await withBorrowingRepository(join(from, 'promote-'), join(from, 'objects'), (path) =>
      git(path, ['--git-dir', path, ...push], fleetEnvironment(path, { GIT_ALLOW_PROTOCOL: 'file' })),
    ).catch(() => {});
  }
}

/** Returns true if the store has a commit of a repository without its history. */
export async function isShallow(
  store: Pick<GitStore, 'holderOf'>,
  repo: string,
  commit: string,
): Promise<boolean> {
  return (await store.holderOf(repo, commit)) !== repo;
}
