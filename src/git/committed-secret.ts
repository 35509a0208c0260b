import { ONLY_LOOK, userEnvironment } from './environment.ts';
import { isBare } from './root.ts';
import { git } from './run.ts';

/** A key `secret` with a value, as in a remote. Also in a file that is broken JSON, a secret is one. */
const SECRET = /"secret"\s*:\s*"[^"]/;

/** Returns true if the fleet.json in the root of a commit has a secret. `root` is that of its checkout. */
export async function hasCommittedSecret(root: string, commit: string): Promise<boolean> {
  const named = isBare(root) ? ['--git-dir', root] : [];
  const args = [...named, ...ONLY_LOOK, 'cat-file', 'blob', `${commit}:fleet.json`];
  return git(root, args, userEnvironment(root)).then(
    (text) => SECRET.test(text),
    () => false, // The commit has no such file.
  );
}
