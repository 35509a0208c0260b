import { restoreFiles, restoreGitDirectory } from '../../../git/tracked-files.ts';
import { syncTree } from '../../../system/sync-tree.ts';
import { filesIn, type StepContext } from './context.ts';

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
  await syncTree([files.workTree, files.gitDir]);
}
