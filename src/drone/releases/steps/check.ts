import { lstat, open } from 'node:fs/promises';
import { join } from 'node:path';
import { changedFiles } from '../../../git/tracked-files.ts';
import type { Findings } from '../next.ts';
import { filesIn, type StepContext } from './context.ts';

/** The files that the `.git` of a checkout cannot work without. */
const GIT_FILES = ['HEAD', 'config', 'index', 'objects/info/alternates'];

const BLOCK_BYTES = 4096;

/** Finds files that differ from the commit. Throws EGIT if the index cannot be read. */
export async function check(context: StepContext, directory: string): Promise<Findings> {
  const files = filesIn(context, directory);
  const git = await Promise.all(GIT_FILES.map((file) => sizeOf(join(files.workTree, '.git', file))));
  const isGitBroken = git.some((size) => !size);
  const tracked = await changedFiles(files, context.env);
  const isLost = await Promise.all(tracked.map((file) => hasNothing(join(files.workTree, file))));
  const changed = [...tracked, ...(isGitBroken ? ['.git'] : [])];
  return {
    changed,
    emptied: [...tracked.filter((_, at) => isLost[at]), ...(git.includes(0) ? ['.git'] : [])],
    isOccupied: changed.length > 0 && context.occupied([directory]).has(directory),
  };
}

/** Returns true for a file that is empty, or whose first block was never written. */
async function hasNothing(path: string): Promise<boolean> {
  const size = await sizeOf(path);
  if (!size) return size === 0;
  const file = await open(path).catch(() => null);
  const block = await file?.read(Buffer.alloc(BLOCK_BYTES), 0, BLOCK_BYTES, 0).catch(() => null);
  await file?.close();
  return block?.buffer.every((byte) => byte === 0) ?? false;
}

/** Returns bytes; null if it is not a file. */
async function sizeOf(path: string): Promise<number | null> {
  const found = await lstat(path).catch(() => null);
  return found?.isFile() ? found.size : null;
}
