import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { withBorrowingRepository } from './borrowing-repository.ts';
import { fleetEnvironment } from './environment.ts';
import { git } from './run.ts';
import { type GitStore, shallowName } from './store.ts';

/** As one repository of git's borrows the objects of the one that it lies in. */
const ALTERNATES = '../../objects\n';
const SETTINGS = '[receive]\n\tshallowUpdate = true\n';

/**
 * Commits that came without their history, as CI clones them (`--depth=1`): a deploy needs no more than their trees. They
 * are kept in a repository inside of their repository, whose objects it borrows. Beside the others, they would make the
 * history of all that is pushed and cloned later end where theirs does.
 */
export class ShallowCommits {
  constructor(private readonly store: GitStore) {}

  /** Makes that repository if it is not there, and returns the name by which the store has it. ELIMIT, EIO. */
  async create(repo: string): Promise<string> {
    const name = shallowName(repo);
    await this.store.create(name, SETTINGS);
    await this.borrow(name);
    return name;
  }

  /** Mends the files of that repository as `GitStore.mend` does. */
  async mend(repo: string): Promise<number> {
    const name = shallowName(repo);
    if (!existsSync(this.store.path(name))) return 0;
    await this.borrow(name);
    return this.store.mend(name, SETTINGS);
  }

  /** Where what a fetch wants is read from; `wants` is empty if it wants to see what there is. */
  async sourceOf(repo: string, wants: string[]): Promise<string> {
    const name = shallowName(repo);
    if (!this.store.exists(name)) return repo;
    // Who clones a repository that has no other commit yet gets these.
    if (wants.length === 0) return (await this.store.isEmpty(repo)) ? name : repo;
    const holders = await Promise.all(wants.map((want) => this.store.holderOf(repo, want)));
    return holders.every((holder) => holder === name) ? name : repo;
  }

  private async borrow(name: string): Promise<void> {
    const alternates = join(this.store.path(name), 'objects/info/alternates');
    const before = await readFile(alternates, 'utf8').catch(() => '');
    if (before !== ALTERNATES) await writeFile(alternates, ALTERNATES);
  }

  /** Takes a commit in among the others if all of its history is there, as when its parents were pushed before. */
  async promote(repo: string, commit: string): Promise<void> {
    const [from, to] = [this.store.path(shallowName(repo)), this.store.path(repo)];
    const push = ['push', '--porcelain', to, `${commit}:refs/fleet/${commit}`];
    // It does not know where histories end, so git follows them, and pushes nothing if a part is missing.
    await withBorrowingRepository(join(from, 'promote-'), join(from, 'objects'), (path) =>
      git(path, ['--git-dir', path, ...push], fleetEnvironment(path, { GIT_ALLOW_PROTOCOL: 'file' })),
    ).catch(() => {});
  }
}
