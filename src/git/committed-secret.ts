import { withBorrowingRepository } from './borrowing-repository.ts';
import { fleetEnvironment } from './environment.ts';
import { objectStoreOf } from './object-store.ts';
import { placeForPush } from './push-place.ts';
import { git } from './run.ts';

/** A key `secret` with a value, as in a remote. Also in a file that is broken JSON, a secret is one. */
const SECRET = /"secret"\s*:\s*"[^"]/;

/** Returns true if the fleet.json in the root of a commit has a secret. `root` is that of its checkout. */
export async function hasCommittedSecret(root: string, commit: string): Promise<boolean> {
  const { objects } = objectStoreOf(root);
  return withBorrowingRepository(await placeForPush(), objects, (path) =>
    git(path, ['--git-dir', path, 'cat-file', 'blob', `${commit}:fleet.json`], fleetEnvironment(path)).then(
      (text) => SECRET.test(text),
      () => false, // The commit has no such file.
    ),
  );
}
