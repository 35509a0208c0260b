import { join } from 'node:path';
import { FleetError } from '../protocol/errors.ts';
import { regularText } from '../system/regular-file.ts';
import { repositoryNames } from './repositories.ts';
import type { GitStore } from './store.ts';

/** Repositories that pushes of one token may make, and those of all tokens. Whoever has the hub's secret makes the rest. */
const MAX_OF_ONE = 200;
const MAX_OF_ALL = 900;

const CREATOR = /^\[fleet\]\n\tcreator = "(.+)"$/m;

/**
 * Creates a repository for a token, or for whoever is not limited (null), and returns true; false if it exists. Throws as
 * `GitStore.create` does, and ELIMIT if the token, or all tokens, have made as many as they may.
 */
export async function createFor(store: GitStore, token: string | null, repo: string): Promise<boolean> {
  if (store.exists(repo)) return false;
  if (token !== null) await demandRoom(store, token);
  await store.create(repo, token === null ? '' : `[fleet]\n\tcreator = "${token}"\n`);
  return true;
}

async function demandRoom(store: Pick<GitStore, 'dir' | 'path'>, token: string): Promise<void> {
  const made = await creatorsOf(store);
  const own = made.filter((one) => one === token).length;
  if (own >= MAX_OF_ONE)
    throw new FleetError('ELIMIT', `the token '${token}' has made ${own} repositories, as many as it may`);
  if (made.length >= MAX_OF_ALL)
    throw new FleetError('ELIMIT', `tokens have made ${made.length} repositories here, as many as they may`);
}

/** Returns the token of each repository that a token has made. */
async function creatorsOf(store: Pick<GitStore, 'dir' | 'path'>): Promise<string[]> {
  const creators: string[] = [];
  // One after the other: each takes a file descriptor.
  for (const repo of await repositoryNames(store)) {
    const config = (await regularText(join(store.path(repo), 'config'))) ?? '';
    const [, token] = CREATOR.exec(config) ?? [];
    if (token !== undefined) creators.push(token);
  }
  return creators;
}
