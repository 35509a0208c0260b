import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { FleetError } from '../protocol/errors.ts';
import { demandRegular } from '../system/regular-file.ts';
import { fleetEnvironment } from './environment.ts';
import { git } from './run.ts';

/** The keys whose signatures count, beside the folder of repositories: see ALLOWED SIGNERS in ssh-keygen(1). */
const ALLOWED_SIGNERS = 'allowed-signers';

/**
 * Throws ESIGNATURE unless a commit of a bare repository is signed with one of the allowed SSH keys, and ECONFIG if these are
 * not in a file. Any other kind of signature counts as none: see configuration.ts.
 */
export async function mustBeSigned(repository: string, commit: string): Promise<void> {
  const home = dirname(repository);
  demandRegular(join(dirname(home), ALLOWED_SIGNERS));
  // A ref of whoever pushes could name another commit to be looked at instead.
  const args = ['--no-replace-objects', '--git-dir', repository, 'verify-commit', commit];
  try {
    await git(repository, args, fleetEnvironment(home));
  } catch (cause) {
    const why = existsSync(join(dirname(home), ALLOWED_SIGNERS))
      ? `${commit.slice(0, 7)} is not signed by an allowed signer; sign it with: git commit --amend -S`
      : `the hub has no allowed signers; list them in ${ALLOWED_SIGNERS} in its directory, as in ssh-keygen(1)`;
    throw new FleetError('ESIGNATURE', `fleet.toml: deploy.signed: ${why}`, { cause });
  }
}
