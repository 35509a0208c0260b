import { FleetError, messageOf } from '../protocol/errors.ts';
import { ONLY_LOOK, userEnvironment } from './environment.ts';
import { gitError } from './error.ts';
import { git } from './run.ts';

/** The tree without files, which git knows everywhere. */
const EMPTY_TREE = '4b825dc642cb6eb9a060e54bf8d69288fbee4904';

/**
 * Has git fetch the files of one commit that a partial clone lacks, all at once, from where it was cloned: that is the
 * user's world. EGIT.
 */
export async function fetchMissing(root: string, commit: string): Promise<void> {
  const ask = (...args: string[]) => git(root, [...ONLY_LOOK, ...args], userEnvironment(root));
  try {
    const objects = ['--objects', '--no-object-names', '--missing=print'];
    const listed = await ask('rev-list', '--no-walk', ...objects, commit);
    if (!/^\?/m.test(listed)) return;
    // Whoever compares whole trees fetches what is missing in one go.
    await ask('diff', '--shortstat', '--no-ext-diff', '--no-textconv', '--no-renames', EMPTY_TREE, commit);
  } catch (cause) {
    // The first line is the origin's matter; what follows from that comes after it.
    const why = /^(?:fatal|error): (.*)$/m.exec(messageOf(cause))?.[1];
    if (why === undefined) throw gitError(cause, 'git rev-list');
    const what = `files of ${commit} are missing in this partial clone, and its origin does not give them: ${why}`;
    throw new FleetError('EGIT', what, { cause });
  }
}
