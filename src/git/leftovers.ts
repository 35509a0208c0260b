import { readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { pathsBelow } from '../system/tree.ts';

/** Files that a killed git leaves in a repository: locks, half-written packs, and pushes in quarantine. */
const LEFT_IN: Record<string, RegExp> = {
  '.': /\.lock$|^promote-/,
  objects: /^(tmp_objdir-)?incoming-/,
  'objects/pack': /^(tmp_|\.tmp-)/,
};

/** Removes what a killed git left in one of the hub's repositories. No git may be running there. */
export function removeLeftovers(repository: string): void {
  const remove = (file: string) => rmSync(file, { recursive: true, force: true });
  for (const [folder, left] of Object.entries(LEFT_IN)) {
    const files = list(join(repository, folder)).filter((file) => left.test(file));
    for (const file of files) remove(join(repository, folder, file));
  }
  const refs = join(repository, 'refs');
  const paths = isFolder(refs) ? pathsBelow(refs) : [];
  for (const path of paths) if (path.endsWith('.lock')) remove(path);
}

/** Returns the names in a directory; none if it does not exist, or is something else. */
export function list(dir: string): string[] {
  return isFolder(dir) ? readdirSync(dir) : [];
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false; // A file may also be in the place of a folder above it.
  }
}
