import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { isBare } from './root.ts';

/** Where the objects of a checkout are, and what is missing. gitrepository-layout(5) */
export interface ObjectStore {
  objects: string;
  /** The file that lists commits without their parents, as `git clone --depth` writes it; null if there is none. */
  shallow: string | null;
  /** True for a partial clone (`git clone --filter`), where git fetches files when it needs them. */
  isPartial: boolean;
}

/** Reads the repository's files, without a git process. Throws errors of the file system. */
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

/** Returns the git directory of the repository that a checkout belongs to. */
function repositoryOf(root: string): string {
  const read = (path: string) => readFileSync(path, 'utf8').trim();
  const dotGit = join(root, '.git');
  // In a worktree or submodule, `.git` is a file that points to its part of the repository.
  const elsewhere = statSync(dotGit).isFile() ? /^gitdir: (.*)$/.exec(read(dotGit))?.[1] : undefined;
  const gitDir = resolve(root, elsewhere ?? '.git');
  const common = join(gitDir, 'commondir');
  return existsSync(common) ? resolve(gitDir, read(common)) : gitDir;
}
