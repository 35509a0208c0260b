import { existsSync, readdirSync, rmSync } from 'node:fs';
import { appendFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { simpleGit } from 'simple-git';
import { FleetError } from '../protocol/errors.ts';
import { gitEnvironment } from './environment.ts';
import { gitError } from './error.ts';
import { plainlyHolds } from './refs.ts';
import { access, type HubRemote } from './remote.ts';

/** Processes git. Its environment has nothing of fleet's but `extra`; a failure is an Error with git's words. */
async function git(cwd: string, args: string[], extra: Record<string, string> = {}): Promise<string> {
  const runner = simpleGit(cwd, {
    // Without this it waits 50 ms for pipes to close when git has ended.
    completion: { onClose: true, onExit: false },
    // Every other variable of git's is kept from it: nothing around us should change what git does.
    allowEnvironment: ['GIT_TERMINAL_PROMPT'],
    errors: (error, result) =>
      result.exitCode === 0 ? error : Buffer.concat([...result.stdErr, ...result.stdOut]),
    unsafe: {
      allowUnsafeTemplateDir: true,
      allowUnsafePack: true,
      allowUnsafeHooksPath: true,
      allowUnsafeCredentialHelper: true,
    },
  }).env(gitEnvironment(extra));
  return (await runner.raw(args)).trim();
}

/** Pushes a commit to the hub. EAUTH, EFORBIDDEN, ECONNECT, EIO, EGIT. */
export async function pushCommit(root: string, hub: HubRemote, repo: string, commit: string): Promise<void> {
  const { args, env } = access(hub);
  try {
    await git(
      root,
      [...args, 'push', '--no-verify', '--quiet', `${hub.url}/${repo}.git`, `${commit}:refs/fleet/${commit}`],
      env,
    );
  } catch (cause) {
    throw gitError(cause, 'git push');
  }
}

/** Makes a bare repository where there is none. */
async function ensureMirror(mirror: string): Promise<void> {
  if (existsSync(join(mirror, 'HEAD'))) return;
  await mkdir(mirror, { recursive: true });
  await git(mirror, ['init', '--bare', '--quiet', '--template=', '.']);
  await appendFile(join(mirror, 'config'), '[gc]\n\tauto = 0\n');
}

/** Removes the locks and half-written packs of a git that was killed; no other git may be at work there. */
export function sweepMirror(mirror: string): void {
  const files = readdirSync(mirror, { recursive: true, encoding: 'utf8' });
  for (const file of files.filter((name) => /\.lock$|(^|\/)tmp_(pack|idx|rev|obj)[^/]*$/.test(name))) {
    rmSync(join(mirror, file), { recursive: true, force: true });
  }
}

/** Only this commit, and no process that looks whether there is something to tidy up: a mirror is never tidied. */
const FETCH_OPTIONS = ['--quiet', '--no-tags', '--no-write-fetch-head', '--no-auto-gc'];

/** Fetches one commit into a bare mirror, and keeps it alive there with a ref; git's environment gets `extra`. ENOCOMMIT where the hub lacks it. */
export async function fetchCommit(
  mirror: string,
  hub: HubRemote,
  repo: string,
  commit: string,
  extra: Record<string, string> = {},
): Promise<void> {
  await ensureMirror(mirror);
  const { args, env } = access(hub);
  const spec = `${commit}:refs/fleet/${commit}`;
  try {
    await git(mirror, [...args, 'fetch', ...FETCH_OPTIONS, `${hub.url}/${repo}.git`, spec], {
      ...env,
      ...extra,
    });
  } catch (cause) {
    if (/not our ref|not found/.test(String(cause))) {
      throw new FleetError(
        'ENOCOMMIT',
        `${repo}/${commit} is not at the hub; in its checkout, run: fleet deploy`,
        { cause },
      );
    }
    throw gitError(cause, 'git fetch');
  }
}

/** True where the mirror has the commit, whole. */
export async function hasCommit(mirror: string, commit: string): Promise<boolean> {
  if (!existsSync(join(mirror, 'HEAD'))) return false;
  const ref = `refs/fleet/${commit}`;
  const plain = plainlyHolds(mirror, ref, commit);
  if (plain !== null) return plain;
  return git(mirror, ['rev-parse', '--verify', '--quiet', ref]).then(
    () => true,
    () => false,
  );
}

/**
 * Checks a commit out into `dir`, which must be new. The `.git` is made by hand and borrows the mirror's objects:
 * `git worktree add` fails when it runs in parallel.
 */
export async function checkoutTree(
  mirror: string,
  commit: string,
  dir: string,
  extra: Record<string, string> = {},
): Promise<void> {
  await mkdir(join(dir, '.git/objects/info'), { recursive: true });
  await mkdir(join(dir, '.git/refs'), { recursive: true });
  // Relative, so that the drone's directory can be moved.
  const objects = relative(join(dir, '.git/objects'), join(mirror, 'objects'));
  await writeFile(join(dir, '.git/objects/info/alternates'), `${objects}\n`);
  await writeFile(join(dir, '.git/HEAD'), `${commit}\n`);
  await writeFile(join(dir, '.git/config'), await readFile(join(mirror, 'config'), 'utf8').then(notBare));
  try {
    await git(dir, ['-c', 'checkout.workers=4', 'reset', '--quiet', '--hard'], extra);
  } catch (cause) {
    throw gitError(cause, 'git checkout');
  }
}

const notBare = (config: string) => config.replace(/bare = true/, 'bare = false');
