import { readdir, rename, rm } from 'node:fs/promises';
import { FleetError, messageOf } from '../protocol/errors.ts';
import type { GitStore } from './store.ts';

const SUFFIX = '.git';

/** Returns the names of a store's repositories, in alphabetical order. */
export async function repositoryNames({ dir }: Pick<GitStore, 'dir'>): Promise<string[]> {
  const names = await readdir(dir).catch(() => []);
  return names.flatMap((name) => (name.endsWith(SUFFIX) ? [name.slice(0, -SUFFIX.length)] : [])).sort();
}

/**
 * Removes a repository with all its commits. It is renamed first, so that there is never half of one: what a killed hub
 * leaves is swept by the next. Throws EIO.
 */
export async function removeRepository(store: Pick<GitStore, 'path'>, repo: string): Promise<void> {
  const path = store.path(repo);
  const removed = `${path}.${process.pid}.removed.new`;
  try {
    await rename(path, removed);
    await rm(removed, { recursive: true, force: true });
  } catch (cause) {
    throw new FleetError('EIO', `cannot remove ${path}: ${messageOf(cause)}`, { cause });
  }
}
