import { existsSync } from 'node:fs';
import { copyFile, mkdir, readFile, realpath, rename, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { fleetEnvironment } from './environment.ts';
import { gitError } from './error.ts';
import { git } from './run.ts';

/** A checkout's own configuration: whoever runs git in there gets no surprises. The mirror keeps the objects. */
const CONFIG = '[core]\n\trepositoryformatversion = 0\n\tfilemode = true\n\tbare = false\n[gc]\n\tauto = 0\n';

/**
 * Checks a commit out into `dir`, which must be new; git's environment gets `extra`. Its bytes are those of a plain clone
 * by somebody who has set up nothing: attributes in the commit count, filters (LFS) and hooks do not run. The `.git` is
 * made by hand and borrows the mirror's objects: `git worktree add` fails when it runs in parallel. EGIT, EIO.
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

/** Makes the git directory of a checkout, or what is missing of it. */
export async function makeGitDirectory(gitDir: string, mirror: string, commit: string): Promise<void> {
  await mkdir(join(gitDir, 'objects/info'), { recursive: true });
  await mkdir(join(gitDir, 'refs'), { recursive: true });
  await borrowObjects(gitDir, mirror);
  await writeFile(join(gitDir, 'HEAD'), `${commit}\n`);
  await writeFile(join(gitDir, 'config'), CONFIG);
  // Where histories end, if they do: git log would look for what is before.
  const shallow = join(mirror, 'shallow');
  if (existsSync(shallow)) await copyFile(shallow, join(gitDir, 'shallow'));
}

/**
 * Lets a git directory find the mirror's objects: by a relative path, so that the drone's directory can be moved, unless
 * a link is in its way. Does nothing if it finds them.
 */
export async function borrowObjects(gitDir: string, mirror: string): Promise<void> {
  const from = join(gitDir, 'objects');
  const alternates = join(from, 'info/alternates');
  const path = relative(from, join(mirror, 'objects'));
  const before = await readFile(alternates, 'utf8').catch(() => '');
  // As the system follows it: `join` would not see a link.
  const way = existsSync(`${from}/${path}`) ? path : await realpath(join(mirror, 'objects'));
  if (before === `${way}\n`) return;
  await writeFile(`${alternates}.new`, `${way}\n`);
  await rename(`${alternates}.new`, alternates);
}
