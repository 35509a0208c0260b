import { readdirSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

// Links are not followed: one may lead to a directory above, and two of those to more paths than can be counted.
const OPTIONS = { recursive: true, withFileTypes: true } as const;

/** Returns the paths of all that is below a directory, at any depth. Throws errors of the file system. */
export function pathsBelow(dir: string): string[] {
  return readdirSync(dir, OPTIONS).map(({ parentPath, name }) => join(parentPath, name));
}

/** The same, without holding anything up. Rejects with errors of the file system. */
export async function findPathsBelow(dir: string): Promise<string[]> {
  return (await readdir(dir, OPTIONS)).map(({ parentPath, name }) => join(parentPath, name));
}
