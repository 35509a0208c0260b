import { fleetEnvironment } from './environment.ts';
import { git } from './run.ts';

/** A key `secret` with a value, as in a remote. Also in a file that is broken JSON, a secret is one. */
const SECRET = /"secret"\s*:\s*"[^"]/;

/** Returns true if the fleet.json in the root of a commit has a secret. `path` is a bare repository that has the commit. */
export async function hasCommittedSecret(path: string, commit: string): Promise<boolean> {
  const show = ['--git-dir', path, 'cat-file', 'blob', `${commit}:fleet.json`];
  return git(path, show, fleetEnvironment(path)).then(
    (text) => SECRET.test(text),
    () => false, // The commit has no such file.
  );
}
