import { mkdir, rename, rm, stat, utimes } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { FleetError } from '../protocol/errors.ts';
import { makeGitDirectory } from './checkout.ts';
import { fleetEnvironment } from './environment.ts';
import { gitError } from './error.ts';
import { replaceByCopy } from './replaced-files.ts';
import { git } from './run.ts';

/** Added to git's usual environment. */
type Extra = Record<string, string>;

/**
 * A checkout, and a git directory of fleet's own that tracks its files. What an app does in the checkout's `.git` does not
 * affect it.
 */
export interface TrackedFiles {
  mirror: string;
  commit: string;
  gitDir: string;
  workTree: string;
}

/** How many paths fit on any command line. */
const FILES_AT_ONCE = 200;

/**
 * Keeps git's index of a new checkout, which has the hash and the metadata of each file; and the time of the index, by which
 * git tells which files it must not trust.
 */
export async function trackFiles({ mirror, commit, gitDir, workTree }: TrackedFiles): Promise<void> {
  const temporary = `${gitDir}.tmp`;
  await rm(temporary, { recursive: true, force: true });
  await mkdir(dirname(temporary), { recursive: true });
  await mkdir(temporary); // Nobody else's.
  await makeGitDirectory(temporary, mirror, commit);
  await replaceByCopy(join(workTree, '.git/index'), join(temporary, 'index'));
  await rm(gitDir, { recursive: true, force: true });
  await rename(temporary, gitDir);
}

/** Like `trackFiles`, for a checkout without an index: made from the commit, without trusting any file. Throws EGIT. */
export async function trackUnknownFiles(files: TrackedFiles, extra: Extra = {}): Promise<void> {
  const { mirror, commit, gitDir } = files;
  await rm(join(gitDir, 'index'), { force: true, recursive: true });
  await makeGitDirectory(gitDir, mirror, commit);
  await run(files, ['read-tree', commit], extra);
}

/**
 * Returns the tracked files that are missing or differ from the commit. Compares the metadata of each file, and reads those
 * whose metadata changed; needs no objects. Throws EGIT if the index is missing or broken.
 */
export async function changedFiles(files: TrackedFiles, extra: Extra = {}): Promise<string[]> {
  const index = join(files.gitDir, 'index');
  const began = new Date();
  // Without an index, git would find nothing to compare.
  await stat(index).catch((cause: unknown) => {
    throw new FleetError('EGIT', `there is no ${index}`, { cause });
  });
  const said = await run(files, ['ls-files', '-z', '--modified', '--deleted'], extra);
  const changed = [...new Set(said.split('\0').filter((name) => name !== ''))];
  if (changed.length > 0) return changed;
  // Git always reads files that are not older than its index (gitformat-index(5), "racy git"). They have been read now.
  await utimes(index, began, began).catch(() => {}); // On a read-only disk they are read every time.
  return [];
}

/** Writes tracked files as they are in the commit, replacing what is there; all other files stay. Throws EGIT, EIO. */
export async function restoreFiles(
  files: TrackedFiles,
  names: readonly string[],
  extra: Extra = {},
): Promise<void> {
  for (let at = 0; at < names.length; at += FILES_AT_ONCE) {
    const some = names.slice(at, at + FILES_AT_ONCE);
    await run(files, ['checkout-index', '--force', '--index', '--', ...some], extra);
  }
}

/**
 * Accepts tracked files as they are now, including missing ones: they do not count as changed, and are what a restore
 * writes. Other files stay untracked. Throws EGIT, EIO.
 */
export async function acceptFiles(files: TrackedFiles, extra: Extra = {}): Promise<void> {
  await run(files, ['add', '--update', '--', ':/'], extra);
}

/** Makes the checkout's own `.git`, or what is missing of it. */
export async function restoreGitDirectory({ mirror, commit, gitDir, workTree }: TrackedFiles): Promise<void> {
  await makeGitDirectory(join(workTree, '.git'), mirror, commit);
  await replaceByCopy(join(gitDir, 'index'), join(workTree, '.git/index'));
}

/** Returns git's output. Throws EGIT, EIO. */
async function run(
  { mirror, gitDir, workTree }: TrackedFiles,
  args: string[],
  extra: Extra,
): Promise<string> {
  const places = ['--git-dir', gitDir, '--work-tree', workTree];
  try {
    return await git(gitDir, [...places, ...args], fleetEnvironment(dirname(mirror), extra));
  } catch (cause) {
    throw gitError(cause, `git ${args[0]}`);
  }
}
