import { copyFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { FleetError } from '../protocol/errors.ts';
import { withBorrowingRepository } from './borrowing-repository.ts';
import { fleetEnvironment } from './environment.ts';
import { gitError } from './error.ts';
import { objectStoreOf } from './object-store.ts';
import { fetchMissing } from './partial-clone.ts';
import { placeForPush } from './push-place.ts';
import { type PushProgress, plainError, progressIn, remoteLinesIn } from './push-progress.ts';
import { access, type HubRemote } from './remote.ts';
import { git } from './run.ts';

/**
 * Pushes a commit of the checkout in `root`, with as much of its history as the checkout has. A partial clone (`--filter`)
 * first fetches the missing files of this commit, and pushes it without history. `check` may refuse the push: it gets the
 * path of the bare repository that it is made from. Returns what the hub has said about it. Throws EAUTH, EFORBIDDEN, ECONNECT, EIO, EGIT, and what `check` throws.
 */
export async function pushCommit(
  root: string,
  hub: HubRemote,
  repo: string,
  commit: string,
  onProgress?: (progress: PushProgress) => void,
  check: (path: string) => Promise<void> = async () => {},
): Promise<string[]> {
  const { objects, shallow, isPartial } = objectStoreOf(root);
  if (isPartial) await fetchMissing(root, commit);
  const { args, env } = access(hub);
  let said = '';
  const target = [`${hub.url}/${repo}.git`, `${commit}:refs/fleet/${commit}`];
  try {
    await withBorrowingRepository(await placeForPush(), objects, async (path) => {
      if (isPartial) await writeFile(join(path, 'shallow'), `${commit}\n`);
      else if (shallow) await copyFile(shallow, join(path, 'shallow'));
      await check(path);
      const progress = onProgress ? ['--progress'] : [];
      const push = ['--git-dir', path, ...args, 'push', '--porcelain', ...progress, ...target];
      await git(path, push, fleetEnvironment(path, env), (chunk) => {
        said += chunk;
        const sent = progressIn(chunk.toString('latin1'));
        if (sent) onProgress?.(sent);
      });
    });
  } catch (cause) {
    if (cause instanceof FleetError) throw cause;
    throw gitError(plainError(cause), 'git push');
  }
  return remoteLinesIn(said);
}
