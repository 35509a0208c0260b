import { dirname } from 'node:path';
import { fleetEnvironment } from './environment.ts';
import { gitError } from './error.ts';
import { git } from './run.ts';

/** What most file systems round the size of a file up to. */
const BLOCK_BYTES = 4096;

/** Returns the bytes that the files of a commit take on disk. The mirror has the commit. Throws EGIT. */
export async function commitSize(
  mirror: string,
  commit: string,
  extra: Record<string, string> = {},
): Promise<number> {
  const list = ['--git-dir', mirror, 'ls-tree', '-r', '-t', '-l', '-z', commit];
  try {
    return sizeOfTree(await git(mirror, list, fleetEnvironment(dirname(mirror), extra)));
  } catch (cause) {
    throw gitError(cause, 'git ls-tree');
  }
}

/** Returns the same for the output of `git ls-tree -t -l -z`. Directories, whose size is `-`, take a block. */
export function sizeOfTree(listed: string): number {
  let bytes = 0;
  for (const [, size] of listed.matchAll(/(?:^|\0)\d+ \w+ \w+ +(\d+|-)\t/g))
    bytes += size === '-' ? BLOCK_BYTES : Math.ceil(Number(size) / BLOCK_BYTES) * BLOCK_BYTES;
  return bytes;
}
