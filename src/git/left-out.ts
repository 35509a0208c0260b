import { withBorrowingRepository } from './borrowing-repository.ts';
import { fleetEnvironment } from './environment.ts';
import { objectStoreOf } from './object-store.ts';
import { placeForPush } from './push-place.ts';
import { git } from './run.ts';

/** What a commit names and does not hold: paths, in the order of its tree. */
export interface LeftOut {
  submodules: string[];
  /** Git LFS pointers: text that stands for a file which is kept elsewhere. */
  pointers: string[];
}

const POINTER = '^version https://git-lfs\\.github\\.com/spec/v1$';

/** The submodules in what `git ls-tree -r -z` prints. */
export function submodulesIn(tree: string): string[] {
  return [...tree.matchAll(/(?:^|\0)160000 commit \w+\t([^\0]+)/g)].map(([, path = '']) => path);
}

/**
 * The files that attributes give to Git LFS, as pathspecs (gitglossary(7)); empty if none are. `found` is what `git grep -z`
 * prints of the lines with `filter=lfs`: `COMMIT:PATH`, a NUL, the line. See gitattributes(5).
 */
export function filesOfLfs(found: string): string[] {
  return [...found.matchAll(/^\w+:(.*)\.gitattributes\0[ \t]*(\S+)/gm)].map(
    ([, folder = '', pattern = '']) => {
      // A macro may stand for it anywhere.
      if (pattern.startsWith('[attr]')) return ':(glob)**';
      const below = pattern.includes('/') ? pattern.replace(/^\//, '') : `**/${pattern}`;
      return `:(glob)${folder}${below}`;
    },
  );
}

/**
 * Looks through a commit of the checkout in `root`. Only the names in it are read, unless its attributes speak of Git LFS.
 * Rejects if git cannot tell, as in a partial clone.
 */
export async function leftOut(root: string, commit: string): Promise<LeftOut> {
  const { objects } = objectStoreOf(root);
  return withBorrowingRepository(await placeForPush(), objects, async (path) => {
    const ask = (...args: string[]) => git(path, ['--git-dir', path, ...args], fleetEnvironment(path));
    // That nothing was found is a status of 1, and no words.
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
