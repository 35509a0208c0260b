import { fleetEnvironment } from './environment.ts';
import { gitError } from './error.ts';
import { makePushRepository, removePushRepository } from './push-repository.ts';
import { access, type HubRemote } from './remote.ts';
import { git } from './run.ts';

/** Pushes a commit of the checkout in `root` to the hub. EAUTH, EFORBIDDEN, ECONNECT, EIO, EGIT. */
export async function pushCommit(root: string, hub: HubRemote, repo: string, commit: string): Promise<void> {
  const { args, env } = access(hub);
  const spec = `${commit}:refs/fleet/${commit}`;
  const path = await makePushRepository(root);
  try {
    const push = ['--git-dir', path, ...args, 'push', '--porcelain', `${hub.url}/${repo}.git`, spec];
    await git(path, push, fleetEnvironment(path, env));
  } catch (cause) {
    throw gitError(cause, 'git push');
  } finally {
    await removePushRepository(path);
  }
}
