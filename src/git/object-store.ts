import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { isBare } from './root.ts';

/** Where a checkout's commits are, and what is known to be missing there. gitrepository-layout(5) */
export interface ObjectStore {
  objects: string;
  /** The file that names commits whose parents are not there, as `git clone --depth` leaves it; null if none is cut. */
  shallow: string | null;
  /** True if files may be missing, as `git clone --filter` leaves it: git fetches them when they are asked for. */
  isPartial: boolean;
}

/** Reads it from the files of the checkout in `root`. Throws as the file system does. */
export function objectStoreOf(root: string): ObjectStore {
  const store = isBare(root) ? root : repositoryOf(root);
  const [objects, shallow] = [join(store, 'objects'), join(store, 'shallow')];
  const packs = existsSync(join(objects, 'pack')) ? readdirSync(join(objects, 'pack')) : [];
  return {
    objects,
    shallow: existsSync(shallow) ? shallow : null,
    isPartial: packs.some((name) => name.endsWith('.promisor')),
  };
}

/** The repository that a checkout belongs to. */
function repositoryOf(root: string): string {
  const read = (path: string) => readFileSync(path, 'utf8').trim();
  const dotGit = join(root, '.git');
  // A worktree or a submodule has a file there, which points to its part of the repository.
  const elsewhere = statSync(dotGit).isFile() ? /^gitdir: (.*)$/.exec(read(dotGit))?.[1] : undefined;
  const gitDir = resolve(root, elsewhere ?? '.git');
  const common = join(gitDir, 'commondir');
  return existsSync(common) ? resolve(gitDir, read(common)) : gitDir;
}
