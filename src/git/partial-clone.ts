import { FleetError, messageOf } from '../protocol/errors.ts';
import { ONLY_LOOK, userEnvironment } from './environment.ts';
import { gitError } from './error.ts';
import { git } from './run.ts';

/** The hash of the empty tree, which exists in every repository. */
const EMPTY_TREE = '4b825dc642cb6eb9a060e54bf8d69288fbee4904';

/**
 * Fetches the files of one commit that a partial clone lacks from its origin, in one request. This runs in the user's world:
 * only their git knows how to reach the origin. Throws EGIT.
 */
export async function fetchMissing(root: string, commit: string): Promise<void> {
  const ask = (...args: string[]) => git(root, [...ONLY_LOOK, ...args], userEnvironment(root));
  try {
    const objects = ['--objects', '--no-object-names', '--missing=print'];
    const listed = await ask('rev-list', '--no-walk', ...objects, commit);
    if (!/^\?/m.test(listed)) return;
    // To compare trees, git fetches all missing files at once.
    await ask('diff', '--shortstat', '--no-ext-diff', '--no-textconv', '--no-renames', EMPTY_TREE, commit);
  } catch (cause) {
    // The first line names the cause, the others its consequences.
    const why = /^(?:fatal|error): (.*)$/m.exec(messageOf(cause))?.[1];
    if (why === undefined) throw gitError(cause, 'git rev-list');
    const what = `files of ${commit} are missing in this partial clone, and its origin does not give them: ${why}`;
    throw new FleetError('EGIT', what, { cause });
  }
}
