import { basename } from 'node:path';
import type { PushProgress } from '../git/push-progress.ts';
import { hubRemote } from '../git/remote.ts';
import type { HubTarget } from '../protocol/address.ts';
import type { CheckedClientAnswers } from '../protocol/client-calls.ts';
import { FleetError, fromWire } from '../protocol/errors.ts';
import { COMMIT_PATTERN, isName, toName } from '../protocol/names.ts';
import type { Notices } from '../protocol/notices.ts';
import type { Link } from './link.ts';
import { demandPresent, lostDrones, selectKnownDrones } from './select.ts';
import type { DeployOptions, DeployResult, Release } from './types.ts';

/** Resolves a release to a repository name and a full commit hash. Runs git only if one of the two is missing. */
export async function resolveRelease(
  release: Release,
): Promise<{ root: string | null; repo: string; commit: string }> {
  const { repo, commit } = release;
  if (repo !== undefined && !isName(repo)) {
    throw new FleetError(
      'EUSAGE',
      `'${repo}' cannot name a repository: letters, digits, '.', '_' and '-' only`,
    );
  }
  if (repo !== undefined && commit !== undefined && COMMIT_PATTERN.test(commit))
    return { root: null, repo, commit };
  const { gitRoot, resolveCommit } = await import('../git/checkout-info.ts');
  const root = await gitRoot(release.dir ?? process.cwd());
  return { root, repo: repo ?? toName(basename(root)), commit: await resolveCommit(root, commit ?? 'HEAD') };
}

/** Returns the name of the repository that a directory is in. Throws ENOREPO, EGIT. */
export async function resolveRepo(dir: string): Promise<string> {
  const { gitRoot } = await import('../git/checkout-info.ts');
  return toName(basename(await gitRoot(dir)));
}

/** Has drones check out a commit, and pushes it to the hub first if the hub does not have it. */
export async function deploy(link: Link, options: DeployOptions): Promise<DeployResult> {
  const progress = ({ done, total, fetching }: Notices['progress']) =>
    options.onProgress?.({ phase: 'drones', done, total, fetching });
  const drones = await namesFor(link, options);
  link.on('progress', progress);
  try {
    const { answer, repo, commit, pushed } = await withCommit(link, options, async (release) => {
      const { result } = await link.call('deploy', { ...release, force: options.force ?? false, drones });
      // A hub of fleet 1.0 says so instead of throwing.
      if (result.missing) throw new FleetError('ENOCOMMIT', 'the hub does not have it');
      return result;
    });
    const { absent, isApp } = answer;
    return { repo, commit, pushed, drones: errorsOf(answer.drones), absent, isApp };
  } finally {
    link.off('progress', progress);
  }
}

/** Returns the names of the drones that are to have a commit; null for all. Throws ENODRONE. */
async function namesFor(
  link: Link,
  { drones: selectors = [], strict = false }: DeployOptions,
): Promise<string[] | null> {
  const isForAll = selectors.length === 0;
  if (isForAll && !strict) return null;
  const known = (await link.call('drones', {})).result.drones;
  if (strict) demandPresent(lostDrones(isForAll ? ['*'] : selectors, known));
  if (isForAll) return null;
  await link.demand('deploy-drones', 'deploys to all drones only');
  return selectKnownDrones(selectors, known);
}

/**
 * Does something with a commit at the hub, and pushes it there first if the hub does not have it. Rejects with ECONFIG if
 * the commit would publish a secret, unless it is forced.
 */
export async function withCommit<T>(
  link: Link,
  options: Release & Pick<DeployOptions, 'onProgress' | 'force'>,
  act: (release: { repo: string; commit: string }) => Promise<T>,
): Promise<{ answer: T; repo: string; commit: string; pushed: boolean }> {
  const { root, repo, commit } = await resolveRelease(options);
  try {
    return { answer: await act({ repo, commit }), repo, commit, pushed: false };
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
  const from = root ?? (await rootOf(options.dir ?? process.cwd(), commit));
  await push(link, from, repo, commit, options);
  try {
    return { answer: await act({ repo, commit }), repo, commit, pushed: true };
  } catch (error) {
    if (!isMissing(error)) throw error;
    throw new FleetError('EGIT', `the hub does not have ${repo}/${commit} although it was pushed`);
  }
}

/** Whoever can read a commit at the hub, each drone among them, can read its fleet.json. */
async function refuseSecret(repository: string, commit: string): Promise<void> {
  const { hasCommittedSecret } = await import('../git/committed-secret.ts');
  if (!(await hasCommittedSecret(repository, commit))) return;
  throw new FleetError(
    'ECONFIG',
    `${commit.slice(0, 7)} has a secret in its fleet.json: git rm --cached fleet.json, and commit; fleet deploy --force deploys it all the same`,
  );
}

function isMissing(error: unknown): boolean {
  return error instanceof FleetError && error.code === 'ENOCOMMIT';
}

/** Finds the checkout to push from if the commit was given as a full hash, which needed no lookup until now. */
async function rootOf(dir: string, commit: string): Promise<string> {
  const { gitRoot, resolveCommit } = await import('../git/checkout-info.ts');
  const root = await gitRoot(dir);
  await resolveCommit(root, commit);
  return root;
}

async function push(
  link: Link,
  root: string,
  repo: string,
  commit: string,
  { onProgress, force = false }: Pick<DeployOptions, 'onProgress' | 'force'>,
): Promise<void> {
  const { pushCommit } = await import('../git/push.ts');
  const onSent = onProgress && ((sent: PushProgress) => onProgress({ phase: 'push', ...sent }));
  const check = async (path: string) => {
    if (!force) await refuseSecret(path, commit);
    onProgress?.({ phase: 'push', done: 0, total: 1 });
  };
  const said = await atAnyHub(link, (hub) =>
    pushCommit(root, hubRemote(hub, link.options.timeout), repo, commit, onSent, check),
  );
  for (const line of said) onProgress?.({ phase: 'push', done: 1, total: 1, said: line });
}

/** Does something at the hub that calls go to; if that has died meanwhile, again at the next one. */
async function atAnyHub<T>(link: Link, act: (hub: HubTarget) => Promise<T>): Promise<T> {
  for (const tried = new Set<HubTarget>(); ; ) {
    const hub = await link.hub();
    tried.add(hub);
    try {
      return await act(hub);
    } catch (error) {
      if (tried.has(await link.hub().catch(() => hub))) throw error;
    }
  }
}

function errorsOf(drones: CheckedClientAnswers['deploy']['drones']): DeployResult['drones'] {
  const entries = Object.entries(drones).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([name, error]) => [name, error && fromWire(error)]));
}
