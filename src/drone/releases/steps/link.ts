import { existsSync, lstatSync, realpathSync } from 'node:fs';
import { mkdir, rm, symlink } from 'node:fs/promises';
import { dirname, relative } from 'node:path';
import { acceptFiles } from '../../../git/tracked-files.ts';
import { FleetError, messageOf } from '../../../protocol/errors.ts';
import { syncTree } from '../../../system/sync-tree.ts';
import { type Account, accountFor } from '../../processes/user.ts';
import { isNeedy, type Need } from '../need.ts';
import { wayTo } from '../shared-paths.ts';
import { copyCaches } from './caches.ts';
import { filesIn, type StepContext } from './context.ts';
import { makeSharedFolder, own, runAs } from './files.ts';

/**
 * Adds links to the app's shared files to a checkout, copies caches from the last one that was built, and gives all of it
 * to the app's user. Throws EUSAGE if a path leads out of the checkout, ESPAWN if the user cannot be used, and EIO.
 */
export async function link(context: StepContext, directory: string, need: Need): Promise<void> {
  const { store, release, env } = context;
  const checkout = store.pathOf(directory);
  const shared = store.shared(release);
  const account = await accountFor(need.user);
  try {
    await makeSharedFolder(shared, account);
    if (!isNeedy(need)) return;
    await own(account, checkout);
    for (const one of need.shared) await linkOne(checkout, shared, one, account);
    await copyCaches(context, checkout, need.cache);
    await own(account, checkout);
    await acceptFiles(filesIn(context, directory), env);
    await syncTree([checkout, shared]);
  } catch (error) {
    if (error instanceof FleetError) throw error;
    throw new FleetError('EIO', `cannot prepare ${checkout}: ${messageOf(error)}`, { cause: error });
  }
}

async function linkOne(
  checkout: string,
  shared: string,
  { path, directory }: Need['shared'][number],
  account: Account | null,
): Promise<void> {
  const place = wayTo(checkout, path);
  const target = wayTo(shared, path);
  if (directory && !existsSync(target)) await makeShared(place, target, account);
  await rm(place, { recursive: true, force: true });
  await mkdir(dirname(place), { recursive: true });
  const near = relative(dirname(place), target);
  // One of the drone's directories may be a link to another disk, and then the relative path leads elsewhere.
  const isNear = realpath(`${dirname(place)}/${near}`) === realpath(target);
  await symlink(isNear ? near : target, place);
}

/** Makes a shared directory with what the commit has in its place. It is renamed last, so it is never half copied. */
async function makeShared(place: string, target: string, account: Account | null): Promise<void> {
  const temporary = `${target}.new`;
  await runAs(account, ['mkdir', '-p', '--', dirname(target)]);
  await runAs(account, ['rm', '-rf', '--', temporary]);
  if (lstatSync(place, { throwIfNoEntry: false })?.isDirectory())
    await runAs(account, ['cp', '-a', '--', place, temporary]);
  else await runAs(account, ['mkdir', '--', temporary]);
  await runAs(account, ['mv', '--', temporary, target]);
}

/** As the system follows the path: node's own `realpathSync` first joins `..` with what is before it, as if that were no link. */
function realpath(path: string): string | null {
  try {
    return realpathSync.native(path);
  } catch {
    return null;
  }
}
