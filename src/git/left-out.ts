import { withBorrowingRepository } from './borrowing-repository.ts';
import { fleetEnvironment } from './environment.ts';
import { objectStoreOf } from './object-store.ts';
import { placeForPush } from './push-place.ts';
import { git } from './run.ts';

/** Paths in a commit whose content is not in it. */
export interface LeftOut {
  submodules: string[];
  /** Git LFS pointers: small text files that stand for files stored elsewhere. */
  pointers: string[];
}

const POINTER = '^version https://git-lfs\\.github\\.com/spec/v1$';

/** Returns the paths of submodules in the output of `git ls-tree -r -z`. */
export function submodulesIn(tree: string): string[] {
  return [...tree.matchAll(/(?:^|\0)160000 commit \w+\t([^\0]+)/g)].map(([, path = '']) => path);
}

/**
 * Returns pathspecs (gitglossary(7)) for the files that gitattributes(5) assign to Git LFS. `found` is the output of
 * `git grep -z` for lines with `filter=lfs`: `COMMIT:PATH`, a NUL, the line.
 */
export function filesOfLfs(found: string): string[] {
  return [...found.matchAll(/^\w+:(.*)\.gitattributes\0[ \t]*(\S+)/gm)].map(
    ([, folder = '', pattern = '']) => {
      // A macro can be used anywhere.
      if (pattern.startsWith('[attr]')) return ':(glob)**';
      const below = pattern.includes('/') ? pattern.replace(/^\//, '') : `**/${pattern}`;
      return `:(glob)${folder}${below}`;
    },
  );
}

/**
 * Returns what is left out of a commit of the checkout in `root`. Reads only the names in it, unless its attributes mention
 * Git LFS. Rejects if git cannot tell, as in a partial clone.
 */
export async function leftOut(root: string, commit: string): Promise<LeftOut> {
  const { objects } = objectStoreOf(root);
  return withBorrowingRepository(await placeForPush(), objects, async (path) => {
    const ask = (...args: string[]) => git(path, ['--git-dir', path, ...args], fleetEnvironment(path));
    // If nothing is found, git exits with 1 and prints nothing.
    const grep = (...args: string[]) => ask('grep', '-z', ...args).catch(noWords);
    const tree = await ask('ls-tree', '-r', '-z', commit);
    const submodules = submodulesIn(tree);
    if (!/[\t/]\.gitattributes(\0|$)/.test(tree)) return { submodules, pointers: [] };
    const files = filesOfLfs(await grep('-F', '-e', 'filter=lfs', commit, '--', ':(glob)**/.gitattributes'));
    if (files.length === 0) return { submodules, pointers: [] };
    const found = await grep('-l', '-e', POINTER, commit, '--', ...files);
    const pointers = found.split('\0').filter(Boolean);
    return { submodules, pointers: pointers.map((name) => name.slice(commit.length + 1)) };
  });
}

function noWords(error: unknown): string {
  if (error instanceof Error && error.message.trim() === '') return '';
  throw error;
}
