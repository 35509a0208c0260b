import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { promisify } from 'node:util';
import { FleetError } from '../../../protocol/errors.ts';
import { type Account, commandAs } from '../../processes/user.ts';

/** Copies a file or a directory with owners and times, and links as links. Throws if any of it cannot be copied. */
export async function copy(from: string, to: string): Promise<void> {
  await runAs(null, ['cp', '-a', '--', from, to]);
}

/** Changes the owner of files and whole directories, without following links; does nothing if `account` is null. */
export async function own(account: Account | null, ...paths: readonly string[]): Promise<void> {
  if (!account || paths.length === 0) return;
  await runAs(null, ['chown', '-R', '-h', `${account.uid}:${account.gid}`, '--', ...paths]);
}

/** Makes the folder of an app's shared files, owned by its user. Throws ESPAWN if the user cannot enter it. */
export async function makeSharedFolder(shared: string, account: Account | null): Promise<void> {
  if (!existsSync(shared)) {
    await mkdir(shared, { recursive: true });
    await own(account, shared);
  }
  if (account === null) return;
  await runAs(account, ['test', '-x', shared]).catch((cause: unknown) => {
    const way = 'every directory above must let it through (chmod o+x)';
    throw new FleetError('ESPAWN', `the user ${account.name} cannot enter ${shared}: ${way}`, { cause });
  });
}

/**
 * Runs a command as a user. Whatever happens in a folder that the app's user can write to must happen as that user, who
 * may put links there, to anywhere and at any time.
 */
export async function runAs(account: Account | null, command: readonly string[]): Promise<void> {
  const [file = '', ...args] = commandAs(account, command);
  await promisify(execFile)(file, args);
}
