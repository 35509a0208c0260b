import { existsSync } from 'node:fs';
import { mkdir, realpath } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { regularText } from '../system/regular-file.ts';
import { fleetEnvironment } from './environment.ts';
import { gitError } from './error.ts';
import { replaceByCopy, replaceFile } from './replaced-files.ts';
import { git } from './run.ts';

/** The configuration of a checkout, for people who run git in it. */
const CONFIG = '[core]\n\trepositoryformatversion = 0\n\tfilemode = true\n\tbare = false\n[gc]\n\tauto = 0\n';

/**
 * Checks a commit out into `dir`, which must not exist yet. `extra` is added to git's environment. The files are those of a
 * plain `git clone` without any configuration: attributes in the commit apply; filters (LFS) and hooks do not run. `.git` is
 * made here and borrows the mirror's objects, because `git worktree add` fails when it runs in parallel. Throws EGIT, EIO.
 */
export async function checkoutTree(
  mirror: string,
  commit: string,
  dir: string,
  extra: Record<string, string> = {},
): Promise<void> {
  const gitDir = join(dir, '.git');
  await makeGitDirectory(gitDir, mirror, commit);
  try {
    const places = ['--git-dir', gitDir, '--work-tree', dir];
    const reset = [...places, '-c', 'checkout.workers=4', 'reset', '--hard'];
    await git(dir, reset, fleetEnvironment(dirname(mirror), extra));
  } catch (cause) {
    throw gitError(cause, 'git checkout');
  }
}

/** Creates the git directory of a checkout, or its missing parts. */
export async function makeGitDirectory(gitDir: string, mirror: string, commit: string): Promise<void> {
  await mkdir(join(gitDir, 'objects/info'), { recursive: true });
  await mkdir(join(gitDir, 'refs'), { recursive: true });
  await borrowObjects(gitDir, mirror);
  await replaceFile(join(gitDir, 'HEAD'), `${commit}\n`);
  await replaceFile(join(gitDir, 'config'), CONFIG);
  // Without it, `git log` would look for commits that the mirror does not have.
  const shallow = join(mirror, 'shallow');
  if (existsSync(shallow)) await replaceByCopy(shallow, join(gitDir, 'shallow'));
}

/**
 * Lets a git directory find the mirror's objects: by a relative path, so that the drone's directory can be moved, unless
 * a link is in its way. Does nothing if it finds them.
 */
export async function borrowObjects(gitDir: string, mirror: string): Promise<void> {
  const from = join(gitDir, 'objects');
  const alternates = join(from, 'info/alternates');
  const path = relative(from, join(mirror, 'objects'));
  const before = (await regularText(alternates)) ?? '';
  // As the system follows it: `join` would not see a link.
  const way = existsSync(`${from}/${path}`) ? path : await realpath(join(mirror, 'objects'));
  if (before === `${way}\n`) return;
  await replaceFile(alternates, `${way}\n`);
}
