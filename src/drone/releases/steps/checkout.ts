import { existsSync, renameSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { checkoutTree } from '../../../git/checkout.ts';
import { commitSize } from '../../../git/commit-size.ts';
import { trackFiles } from '../../../git/tracked-files.ts';
import { FleetError, messageOf } from '../../../protocol/errors.ts';
import { syncFile, syncTree } from '../../../system/sync-tree.ts';
import { freeDirectory } from '../release.ts';
import { filesIn, type StepContext } from './context.ts';

/**
 * Checks a commit out, and returns the directory that it is in now: `current` if that did not exist or may be replaced,
 * else a new one beside it. It is made under a temporary name, synced and renamed. Throws EGIT, EIO.
 */
export async function checkout(context: StepContext, current: string, mayReplace: boolean): Promise<string> {
  const { release, store, mirrors, room, env } = context;
  // Unique to this process, because a killed drone's git may still be writing into its own.
  const temporary = `.tmp-${release.name}.${process.pid}`;
  const files = filesIn(context, temporary);
  try {
    await mirrors.use(release, async () => {
      await rm(files.workTree, { recursive: true, force: true });
      const count = () => commitSize(files.mirror, release.commit, room.most, env);
      room.checkout(store.deploy, room.known(release.commit) ?? (await count()));
      await mkdir(store.deploy, { recursive: true });
      await mkdir(files.workTree); // Nobody else's.
      await checkoutTree(files.mirror, release.commit, files.workTree, env);
    });
    await trackFiles(files);
    await syncTree([files.workTree, files.gitDir, files.mirror]);
    const directory = await place(context, files.workTree, current, mayReplace);
    await syncFile(store.deploy);
    return directory;
  } catch (error) {
    for (const path of [files.workTree, `${files.gitDir}.tmp`])
      await rm(path, { recursive: true, force: true }).catch(() => {});
    if (error instanceof FleetError) throw error;
    throw new FleetError('EIO', `cannot check out into ${store.deploy}: ${messageOf(error)}`, {
      cause: error,
    });
  }
}

/** Checks for occupants and renames in one turn of the event loop, so nothing starts from the old directory meanwhile. */
async function place(
  { release, store, occupied }: StepContext,
  temporary: string,
  current: string,
  mayReplace: boolean,
): Promise<string> {
  const exists = (directory: string) => existsSync(store.pathOf(directory));
  const isReplaced = exists(current) && mayReplace && !occupied([current]).has(current);
  const directory = isReplaced || !exists(current) ? current : freeDirectory(release, exists);
  const old = store.pathOf(`.old-${release.name}.${process.pid}`);
  if (isReplaced) renameSync(store.pathOf(directory), old);
  renameSync(temporary, store.pathOf(directory));
  if (isReplaced) await rm(old, { recursive: true, force: true }).catch(() => {}); // Otherwise the next drone removes it.
  return directory;
}
