import { acceptFiles } from '../../../git/tracked-files.ts';
import { syncTree } from '../../../system/sync-tree.ts';
import { filesIn, type StepContext } from './context.ts';

/**
 * Accepts tracked files as the build has left them, so that they do not count as changed, and syncs the whole checkout.
 * Throws EGIT, EIO.
 */
export async function accept(context: StepContext, directory: string): Promise<void> {
  const files = filesIn(context, directory);
  await acceptFiles(files, context.env);
  await syncTree([files.workTree, files.gitDir]);
}
