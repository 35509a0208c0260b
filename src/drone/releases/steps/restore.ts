import { join } from 'node:path';
import { restoreFiles, restoreGitDirectory } from '../../../git/tracked-files.ts';
import { syncTree } from '../../../system/sync-tree.ts';
import { accountFor } from '../../processes/user.ts';
import { filesIn, type StepContext } from './context.ts';
import { own } from './files.ts';

/** Restores files as they are in the commit. No process may run from the directory. Throws EGIT, EIO. */
export async function restore(
  context: StepContext,
  directory: string,
  changed: readonly string[],
): Promise<void> {
  const { release, mirrors, env } = context;
  const files = filesIn(context, directory);
  const tracked = changed.filter((file) => file !== '.git');
  await mirrors.use(release, () => restoreFiles(files, tracked, env));
  if (changed.includes('.git')) await restoreGitDirectory(files);
  await giveBack(context, files.workTree, changed);
  await syncTree([files.workTree, files.gitDir]);
}

/** Gives restored files of a prepared checkout back to the app's user. */
async function giveBack(
  { store, release }: StepContext,
  path: string,
  changed: readonly string[],
): Promise<void> {
  if (store.read(release)?.prepared === 'no') return;
  const account = await accountFor(store.need(release)?.user ?? null);
  for (const file of changed) await own(account, join(path, file));
}
