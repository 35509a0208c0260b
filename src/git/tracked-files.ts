import { copyFile, rename, rm, stat, utimes } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { FleetError } from '../protocol/errors.ts';
import { makeGitDirectory } from './checkout.ts';
import { fleetEnvironment } from './environment.ts';
import { gitError } from './error.ts';
import { git } from './run.ts';

/** What goes into git's environment beside what fleet always says. */
type Extra = Record<string, string>;

/**
 * A checkout, and a git directory of fleet's own that knows its files. What an app does in the checkout's `.git` changes
 * nothing of what is seen here.
 */
export interface TrackedFiles {
  mirror: string;
  commit: string;
  gitDir: string;
  workTree: string;
}

/** As many as fit on any command line. */
const FILES_AT_ONCE = 200;

/** Keeps what git knows of the files of a new checkout: its index has each file's hash, and what the system says of it. */
export async function trackFiles({ mirror, commit, gitDir, workTree }: TrackedFiles): Promise<void> {
  const temporary = `${gitDir}.tmp`;
  await rm(temporary, { recursive: true, force: true });
  await makeGitDirectory(temporary, mirror, commit);
  await copyIndex(join(workTree, '.git/index'), join(temporary, 'index'));
  await rm(gitDir, { recursive: true, force: true });
  await rename(temporary, gitDir);
}

/** As `trackFiles`, for a checkout of which nothing is known: from the commit, with no trust in any file. EGIT. */
export async function trackUnknownFiles(files: TrackedFiles, extra: Extra = {}): Promise<void> {
  const { mirror, commit, gitDir } = files;
  await rm(join(gitDir, 'index'), { force: true });
  await makeGitDirectory(gitDir, mirror, commit);
  await run(files, ['read-tree', commit], extra);
}

/**
 * The tracked files that differ from the commit, or are gone. Looks at what the system says of each file, and reads those
 * of which it says something else than before; needs no objects. EGIT if there is no index, or a broken one.
 */
export async function changedFiles(files: TrackedFiles, extra: Extra = {}): Promise<string[]> {
  const index = join(files.gitDir, 'index');
  const began = new Date();
  // Without one, git would find nothing to look at.
  await stat(index).catch((cause: unknown) => {
    throw new FleetError('EGIT', `there is no ${index}`, { cause });
  });
  const said = await run(files, ['ls-files', '-z', '--modified', '--deleted'], extra);
  const changed = [...new Set(said.split('\0').filter((name) => name !== ''))];
  if (changed.length > 0) return changed;
  // Git reads all files that are not older than its index, each time (gitformat-index(5), "racy git"); now they were read.
  await utimes(index, began, began).catch(() => {}); // On a read-only disk they are read each time.
  return [];
}

/** Writes tracked files as they are in the commit, whatever is in their place; all other files stay. EGIT, EIO. */
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

/** Makes the checkout's own `.git`, or what is missing of it. */
export async function restoreGitDirectory({ mirror, commit, gitDir, workTree }: TrackedFiles): Promise<void> {
  await makeGitDirectory(join(workTree, '.git'), mirror, commit);
  await copyIndex(join(gitDir, 'index'), join(workTree, '.git/index'));
}

/** What git prints. EGIT, EIO. */
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

/** With its time: by that git tells which files it must not trust. */
async function copyIndex(from: string, to: string): Promise<void> {
  const { atime, mtime } = await stat(from);
  await copyFile(from, `${to}.new`);
  await utimes(`${to}.new`, atime, mtime);
  await rename(`${to}.new`, to);
}
