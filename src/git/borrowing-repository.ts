import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeBareRepository } from './bare-repository.ts';

/**
 * Has `use` work with a bare repository in a new directory, whose name begins with `prefix`. It borrows the objects of
 * another one, named by its folder `objects`, and has nothing else of it: no configuration, hooks, attributes or refs. It is
 * gone afterwards. Rejects as the file system does, and as `use` does.
 */
export async function withBorrowingRepository<T>(
  prefix: string,
  objects: string,
  use: (path: string) => Promise<T>,
): Promise<T> {
  const path = await mkdtemp(prefix);
  try {
    await makeBareRepository(path, 'refs/heads/main', '');
    await writeFile(join(path, 'objects/info/alternates'), `${objects}\n`);
    return await use(path);
  } finally {
    // What cannot be removed is in nobody's way.
    await rm(path, { recursive: true, force: true }).catch(() => {});
  }
}
