import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeBareRepository } from './bare-repository.ts';

/**
 * Makes a temporary bare repository, passes its path to `use`, and removes it afterwards. The path begins with `prefix`. The
 * repository borrows the objects in the directory `objects` of another repository, but nothing else: no configuration,
 * hooks, attributes or refs. Returns what `use` returns. Rejects with errors of the file system, and of `use`.
 */
export async function withBorrowingRepository<T>(
  prefix: string,
  objects: string,
  use: (path: string) => Promise<T>,
): Promise<T> {
  const path = await mkdtemp(prefix);
  try {
    await makeBareRepository(path, 'refs/heads/main', '');
    await writeFile(join(path, 'objects/info/alternates'), `${quoted(objects)}\n`);
    return await use(path);
  } finally {
    // A leftover does no harm.
    await rm(path, { recursive: true, force: true }).catch(() => {});
  }
}

/** Returns an absolute path as git reads it there: in double quotes, with backslashes, if it has newlines. */
function quoted(path: string): string {
  return path.includes('\n') ? JSON.stringify(path) : path;
}
