import { readFileSync, statSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { ONLY_LOOK, userEnvironment } from './environment.ts';
import { findGitRoot, isBare } from './root.ts';

/** Versions of the index that hold each path as a whole. gitformat-index(5) */
const WHOLE_PATHS = [2, 3];
/** Extensions that keep entries elsewhere: a split index, and directories of a sparse one. */
const ELSEWHERE = ['link', 'sdir'];

/**
 * Returns true if git tracks the file at `path`; true also if git cannot tell. A directory that only looks like a bare
 * repository may itself be tracked, so the repository around it is asked as well.
 */
export async function isTracked(path: string): Promise<boolean> {
  for (let root = findGitRoot(dirname(path)); root !== undefined; root = around(root)) {
    if (mayList(root, basename(path)) && (await lists(root, path))) return true;
  }
  return false;
}

function around(root: string): string | undefined {
  return isBare(root) && dirname(root) !== root ? findGitRoot(dirname(root)) : undefined;
}

/** Returns false if the index has no file of that name, which takes less time than to start git. */
function mayList(root: string, name: string): boolean {
  let index: Buffer;
  try {
    index = readFileSync(join(gitDirectoryOf(root), 'index'));
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ENOENT';
  }
  const isPlain = index.length >= 12 && WHOLE_PATHS.includes(index.readUInt32BE(4));
  return !isPlain || index.includes(`${name}\0`) || ELSEWHERE.some((extension) => index.includes(extension));
}

/** Returns the directory of a checkout's own index: that of a worktree is its own. */
function gitDirectoryOf(root: string): string {
  if (isBare(root)) return root;
  const dotGit = join(root, '.git');
  if (!statSync(dotGit).isFile()) return dotGit;
  return resolve(root, /^gitdir: (.*)$/m.exec(readFileSync(dotGit, 'utf8'))?.[1] ?? '.');
}

async function lists(root: string, path: string): Promise<boolean> {
  const { git } = await import('./run.ts');
  const named = isBare(root) ? ['--git-dir', root] : [];
  const args = [...named, '--literal-pathspecs', ...ONLY_LOOK, 'ls-files', '--', relative(root, path)];
  return git(root, args, userEnvironment(root)).then(
    (listed) => listed !== '',
    () => true,
  );
}
