import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { accountFor } from '../../processes/user.ts';
import type { Need } from '../need.ts';
import { wayTo } from '../shared-paths.ts';
import { makeSharedFolder, runAs } from './files.ts';

/**
 * Returns the first shared file that is missing, after making the folder for it; null if all are there. Throws EUSAGE if
 * a path leads out of the folder of shared files, and ESPAWN if the user cannot be used.
 */
export async function missingFile(shared: string, need: Need): Promise<string | null> {
  const account = await accountFor(need.user);
  for (const { path } of need.shared.filter(({ directory }) => !directory)) {
    if (existsSync(wayTo(shared, path))) continue;
    await makeSharedFolder(shared, account);
    await runAs(account, ['mkdir', '-p', '--', dirname(wayTo(shared, path))]);
    return path;
  }
  return null;
}
