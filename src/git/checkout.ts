import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { gitEnvironment } from './environment.ts';
import { gitError } from './error.ts';
import { git } from './run.ts';

/**
 * Checks a commit out into `dir`, which must be new; git's environment gets `extra`. The `.git` is made by hand and
 * borrows the mirror's objects: `git worktree add` fails when it runs in parallel. EGIT, EIO.
 */
export async function checkoutTree(
  mirror: string,
  commit: string,
  dir: string,
  extra: Record<string, string> = {},
): Promise<void> {
  await mkdir(join(dir, '.git/objects/info'), { recursive: true });
  await mkdir(join(dir, '.git/refs'), { recursive: true });
  // Relative, so that the drone's directory can be moved.
  const objects = relative(join(dir, '.git/objects'), join(mirror, 'objects'));
  await writeFile(join(dir, '.git/objects/info/alternates'), `${objects}\n`);
  await writeFile(join(dir, '.git/HEAD'), `${commit}\n`);
  await writeFile(join(dir, '.git/config'), await readFile(join(mirror, 'config'), 'utf8').then(notBare));
  try {
    await git(dir, ['-c', 'checkout.workers=4', 'reset', '--hard'], gitEnvironment(extra));
  } catch (cause) {
    throw gitError(cause, 'git checkout');
  }
}

const notBare = (config: string) => config.replace(/bare = true/, 'bare = false');
