import { existsSync, readFileSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { FleetError } from '../protocol/errors.ts';
import { COMMIT_PATTERN } from '../protocol/names.ts';
import { targetOf } from '../system/regular-file.ts';
import { pathsBelow } from '../system/tree.ts';
import { writeWhole } from '../system/write-whole.ts';
import { makeBareRepository } from './bare-repository.ts';
import { fleetEnvironment } from './environment.ts';
import { gitError, saysMissing } from './error.ts';
import { restoreAccess } from './mend-access.ts';
import { plainError } from './push-progress.ts';
import { quickFetch } from './quick-fetch.ts';
import { plainlyHolds } from './refs.ts';
import { access, type HubRemote } from './remote.ts';
import { git } from './run.ts';
import { gitInGroup } from './run-group.ts';

/** Git must not remove objects from a mirror: checkouts borrow them. */
const SETTINGS = '[gc]\n\tauto = 0\n';

/**
 * Removes locks and half-written packs of a killed git, as far as that is possible, and restores this user's access to
 * what is theirs. No other git may be running there.
 */
export function sweepMirror(mirror: string): void {
  // `.gitconfig` is in the same directory.
  if (!statSync(mirror, { throwIfNoEntry: false })?.isDirectory()) return;
  try {
    restoreAccess(mirror);
    removeLeft(mirror);
  } catch {
    // Whoever uses the mirror will report what is wrong with it.
  }
}

function removeLeft(mirror: string): void {
  const left = pathsBelow(mirror).filter((path) => /\.lock$|\/tmp_(pack|idx|rev|obj)[^/]*$/.test(path));
  for (const path of left) rmSync(path, { recursive: true, force: true });
}

/** Fetches only this commit, even if it was pushed without its history, and does not start a repack. */
const FETCH_OPTIONS = [
  '--progress',
  '--no-tags',
  '--no-write-fetch-head',
  '--no-auto-gc',
  '--update-shallow',
];

/** What a fetch is doing: the hub prepares a pack, or `percent` of its objects have arrived. */
export type FetchStep = { step: 'preparing'; percent: null } | { step: 'receiving'; percent: number };

/** Returns the newest progress in a chunk of what `git fetch --progress` prints on standard error; null if it has none. */
export function fetchStepIn(chunk: string): FetchStep | null {
  const pattern = /^(?:Receiving|Unpacking) objects: +(\d+)%/gm;
  const percent = [...chunk.matchAll(pattern)].at(-1)?.[1];
  return percent === undefined ? null : { step: 'receiving', percent: Number(percent) };
}

export interface FetchOptions {
  /** Added to git's environment. */
  extra?: Record<string, string>;
  /** Ends the fetch, which then throws its reason. */
  signal?: AbortSignal;
  /** Is told how far the fetch is. */
  onStep?: (step: FetchStep) => void;
}

/**
 * Fetches one commit into a bare mirror, which is made if it does not exist, and sets a ref to keep it. Throws ENOCOMMIT if
 * the hub does not have the commit; EAUTH, EFORBIDDEN, ECONNECT, EIO, EGIT.
 */
export async function fetchCommit(
  mirror: string,
  hub: HubRemote,
  repo: string,
  commit: string,
  { extra = {}, signal = new AbortController().signal, onStep = () => {} }: FetchOptions = {},
): Promise<void> {
  if (!existsSync(join(mirror, 'HEAD'))) await makeBareRepository(mirror, 'refs/heads/main', SETTINGS);
  const { args, env } = access(hub);
  const spec = `${commit}:refs/fleet/${commit}`;
  try {
    const fetch = ['--git-dir', mirror, ...args, 'fetch', ...FETCH_OPTIONS, `${hub.url}/${repo}.git`, spec];
    onStep({ step: 'preparing', percent: null });
    const onError = (chunk: Buffer) => {
      const step = fetchStepIn(chunk.toString('latin1'));
      if (step) onStep(step);
    };
    const home = dirname(mirror);
    const quick = { env: fleetEnvironment(home, extra), signal, onError };
    if (await quickFetch(mirror, hub, repo, commit, quick)) return;
    await gitInGroup(mirror, fetch, { ...quick, env: fleetEnvironment(home, { ...env, ...extra }) });
  } catch (error) {
    const cause = plainError(error);
    if (saysMissing(String(cause))) {
      throw new FleetError(
        'ENOCOMMIT',
        `${repo}/${commit} is not at the hub; in its checkout, run: fleet deploy`,
        { cause },
      );
    }
    throw gitError(cause, 'git fetch');
  }
}

/**
 * Combines packs and loose objects, and puts refs into one file. No object is removed. No fetch may be running. Throws EGIT,
 * and the reason of `signal`, which ends it.
 */
export async function packMirror(mirror: string, options: FetchOptions = {}): Promise<void> {
  await tidily(mirror, options, [
    ['-c', 'pack.threads=1', 'repack', '-d', '-q', '--geometric=2'],
    ['pack-refs', '--all'],
  ]);
}

/** Returns the commits that were fetched into the mirror. Throws EGIT. */
export async function commitsIn(mirror: string): Promise<string[]> {
  try {
    const refs = await ask(mirror, ['for-each-ref', '--format=%(refname:lstrip=2)', 'refs/fleet/']);
    return refs.split('\n').filter((name) => COMMIT_PATTERN.test(name));
  } catch (cause) {
    throw gitError(cause, 'git for-each-ref');
  }
}

/** Removes commits, and the objects that no other commit needs. No fetch may be running. Throws as `packMirror` does. */
export async function forgetCommits(
  mirror: string,
  commits: readonly string[],
  options: FetchOptions = {},
): Promise<void> {
  await tidily(mirror, options, [['pack-refs', '--all']]);
  const path = join(mirror, 'packed-refs');
  const gone = new Set(commits.map((commit) => `refs/fleet/${commit}`));
  const lines = readFileSync(path, 'utf8').split('\n');
  writeWhole(path, lines.filter((line) => !gone.has(line.split(' ')[1] ?? '')).join('\n'));
  await tidily(mirror, options, [
    ['-c', 'pack.threads=1', 'repack', '-a', '-d', '-q'],
    ['prune', '--expire=now'],
  ]);
}

async function tidily(
  mirror: string,
  { extra = {}, signal = new AbortController().signal }: FetchOptions,
  commands: readonly string[][],
): Promise<void> {
  const env = fleetEnvironment(dirname(mirror), extra);
  for (const args of commands) {
    try {
      await gitInGroup(mirror, ['--git-dir', mirror, ...args], { env, signal });
    } catch (cause) {
      sweepMirror(mirror);
      throw gitError(cause, `git ${args.find((word) => /^[a-z]+(-[a-z]+)*$/.test(word))}`);
    }
  }
}

/** Returns true if the mirror has the complete commit. */
export async function hasCommit(mirror: string, commit: string): Promise<boolean> {
  // A FIFO would hold up git.
  if (!targetOf(join(mirror, 'HEAD'))?.isFile()) return false;
  const ref = `refs/fleet/${commit}`;
  const plain = plainlyHolds(mirror, ref, commit);
  if (plain !== null) return plain;
  return ask(mirror, ['rev-parse', '--verify', ref]).then(
    () => true,
    () => false,
  );
}

/** Names the mirror explicitly: if it is damaged, git would otherwise look for a repository in the directories above. */
function ask(mirror: string, args: string[], extra: Record<string, string> = {}): Promise<string> {
  return git(mirror, ['--git-dir', mirror, ...args], fleetEnvironment(dirname(mirror), extra));
}
