import { gitEnvironment } from './environment.ts';
import { gitError } from './error.ts';
import { access, type HubRemote } from './remote.ts';
import { git } from './run.ts';

/** Pushes a commit to the hub. EAUTH, EFORBIDDEN, ECONNECT, EIO, EGIT. */
export async function pushCommit(root: string, hub: HubRemote, repo: string, commit: string): Promise<void> {
  const { args, env } = access(hub);
  const spec = `${commit}:refs/fleet/${commit}`;
  try {
    const push = ['push', '--no-verify', '--porcelain', `${hub.url}/${repo}.git`, spec];
    await git(root, [...args, ...push], gitEnvironment(env));
  } catch (cause) {
    throw gitError(cause, 'git push');
  }
}
