import { FleetError } from '../protocol/errors.ts';
import { COMMIT_PATTERN } from '../protocol/names.ts';
import { ONLY_LOOK, userEnvironment } from './environment.ts';
import { gitError } from './error.ts';
import { plainHead } from './refs.ts';
import { findGitRoot, isBare } from './root.ts';

/** Returns the root of the git repository that a directory is in. Throws ENOREPO outside of git. */
export async function gitRoot(cwd: string): Promise<string> {
  const root = findGitRoot(cwd);
  if (root !== undefined) return root;
  throw new FleetError('ENOREPO', 'not in a git repository; go to one, or: git init');
}

/** Returns the full hash of a revision. Throws ENOCOMMIT; EGIT if git fails, or if the repository uses SHA-256. */
export async function resolveCommit(root: string, rev: string): Promise<string> {
  const plain = rev === 'HEAD' ? plainHead(root) : null;
  if (plain !== null) return plain;
  const parse = (what: string) => ask(root, ['rev-parse', '--verify', '--quiet', '--end-of-options', what]);
  let commit: string;
  try {
    // In `:/text`, all that follows is text to look for.
    commit = await parse(`${rev.startsWith(':/') ? await parse(rev) : rev}^{commit}`);
  } catch (cause) {
    // If there is no such revision, git prints nothing.
    if (/\bfatal: |spawn git ENOENT/.test(String(cause))) throw gitError(cause, 'git rev-parse');
    const empty = rev === 'HEAD' ? 'this repository has no commit yet; git commit first' : null;
    throw new FleetError('ENOCOMMIT', empty ?? `there is no commit '${rev}' here; see: git log`, { cause });
  }
  if (COMMIT_PATTERN.test(commit)) return commit;
  throw new FleetError('EGIT', 'this repository uses SHA-256; fleet deploys those that use SHA-1 only');
}

/** Returns the names of all branches and tags. Throws EGIT. */
export async function branchesAndTags(root: string): Promise<string[]> {
  try {
    const names = await ask(root, ['for-each-ref', '--format=%(refname:short)', 'refs/heads', 'refs/tags']);
    return names.split('\n').filter(Boolean);
  } catch (cause) {
    throw gitError(cause, 'git for-each-ref');
  }
}

/** Returns true if there are uncommitted changes. fleet.json does not count: it should not be committed. Throws EGIT. */
export async function isDirty(root: string): Promise<boolean> {
  if (isBare(root)) return false;
  try {
    const args = ['status', '--porcelain=v2', '--branch', '--', '.', ':(exclude,top)fleet.json'];
    const lines = (await ask(root, args)).split('\n');
    return lines.some((line) => !line.startsWith('# '));
  } catch (cause) {
    throw gitError(cause, 'git status');
  }
}

/** Returns which of these files in the root of a checkout are not committed as they are. Throws EGIT. */
export async function uncommittedOf(root: string, names: readonly string[]): Promise<string[]> {
  if (isBare(root)) return [];
  try {
    const lines = (await ask(root, ['status', '--porcelain=v2', '--', ...names])).split('\n');
    return names.filter((name) => lines.some((line) => line.endsWith(` ${name}`)));
  } catch (cause) {
    throw gitError(cause, 'git status');
  }
}

/** Loads simple-git only if git has to be asked: for most commands, reading HEAD is enough. */
async function ask(root: string, args: string[]): Promise<string> {
  const { git } = await import('./run.ts');
  // With safe.bareRepository=explicit, git takes a bare repository only if it is named.
  const named = isBare(root) ? ['--git-dir', root] : [];
  return git(root, [...named, ...ONLY_LOOK, ...args], userEnvironment(root));
}
