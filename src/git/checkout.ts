import { mkdir, writeFile } from 'node:fs/promises';
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
  await mkdir(join(gitDir, 'objects/info'), { recursive: true });
  await mkdir(join(gitDir, 'refs'), { recursive: true });
  // Relative, so that the drone's directory can be moved.
  const objects = relative(join(gitDir, 'objects'), join(mirror, 'objects'));
  await writeFile(join(gitDir, 'objects/info/alternates'), `${objects}\n`);
  await writeFile(join(gitDir, 'HEAD'), `${commit}\n`);
  await writeFile(join(gitDir, 'config'), CONFIG);
  try {
    const places = ['--git-dir', gitDir, '--work-tree', dir];
    const reset = [...places, '-c', 'checkout.workers=4', 'reset', '--hard'];
    await git(dir, reset, fleetEnvironment(dirname(mirror), extra));
  } catch (cause) {
    throw gitError(cause, 'git checkout');
  }
}
