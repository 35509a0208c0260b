import { existsSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';

/**
 * Returns the root of the git repository that a directory is in: the nearest directory upwards that has a `.git`, be it
 * a directory or the file of a worktree or submodule, or that is a bare repository, as hooks of one run in it. Returns
 * undefined outside of git.
 */
export function findGitRoot(cwd: string): string | undefined {
  for (let dir = resolve(cwd); ; dir = dirname(dir)) {
    if (existsSync(join(dir, '.git')) || isBare(dir)) return dir;
    if (dirname(dir) === dir) return undefined;
  }
}

/** True if the directory is a repository without a work tree. gitrepository-layout(5) */
export function isBare(dir: string): boolean {
  if (basename(dir) === '.git') return false;
  return existsSync(join(dir, 'HEAD')) && ['objects', 'refs'].every((name) => isDirectory(join(dir, name)));
}

function isDirectory(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}
