import { join } from 'node:path';
import { COMMIT_PATTERN } from '../protocol/names.ts';
import { readRegular, targetOf } from '../system/regular-file.ts';

// Reads git's files directly where that is enough, because starting git takes longer.
// gitrepository-layout(5)

function read(path: string): string {
  try {
    return readRegular(path).trim();
  } catch {
    return '';
  }
}

/** Returns the commit of HEAD of the checkout in `root`; null if git must be asked. */
export function plainHead(root: string): string | null {
  const head = read(join(root, '.git/HEAD'));
  const [, branch] = /^ref: (refs\/heads\/\S+)$/.exec(head) ?? [];
  const commit = branch === undefined ? head : read(join(root, '.git', branch));
  return COMMIT_PATTERN.test(commit) ? commit : null;
}

/** Returns whether a bare repository has a ref that holds this commit; null if git must be asked. */
export function plainlyHolds(repository: string, ref: string, commit: string): boolean | null {
  if (read(join(repository, ref)) === commit) return true;
  return targetOf(join(repository, 'packed-refs'))?.isFile() ? null : false;
}
