import { existsSync, readdirSync, rmSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { simpleGit } from 'simple-git';
import { FleetError } from '../protocol/errors.ts';
import { access, type HubRemote } from './git-access.ts';

/** Runs git. Its environment has nothing of fleet's but `extra`; a failure is an Error with git's words. */
async function git(cwd: string, args: string[], extra: Record<string, string> = {}): Promise<string> {
  const kept = Object.entries(process.env).filter(
    ([name, value]) =>
      value !== undefined && !/^(GIT_|FLEET_|EDITOR$|PAGER$|VISUAL$|SSH_ASKPASS|PREFIX$)/.test(name),
  ) as [string, string][];
  const runner = simpleGit(cwd, {
    // Without this it waits 50 ms for pipes to close when git has ended.
    completion: { onClose: true, onExit: false },
    // Every other variable of git's is kept from it: nothing around us should change what git does.
    allowEnvironment: ['GIT_TERMINAL_PROMPT'],
    errors: (error, result) =>
      result.exitCode === 0 ? error : Buffer.concat([...result.stdErr, ...result.stdOut]),
    unsafe: { allowUnsafePack: true, allowUnsafeHooksPath: true, allowUnsafeCredentialHelper: true },
  }).env({ ...Object.fromEntries(kept), GIT_TERMINAL_PROMPT: '0', LC_ALL: 'C', ...extra });
  return (await runner.raw(args)).trim();
}

/** What an error of git's means. */
function gitError(cause: unknown, doing: string): FleetError {
  const text = cause instanceof Error ? cause.message : String(cause);
  if (/returned error: 401|Authentication failed|could not read Username/.test(text))
    return new FleetError('EAUTH', 'wrong secret', { cause });
  if (/spawn git ENOENT/.test(text))
    return new FleetError('EGIT', 'there is no git on the PATH; install it', { cause });
  const last = whyOf(text);
  if (/returned error: 403/.test(text))
    return new FleetError('EFORBIDDEN', `the hub refuses: ${last}`, { cause });
  if (/No space left|disk quota/i.test(text))
    return new FleetError('EIO', `${doing}: the disk is full`, { cause });
  if (/Failed to connect|Could not resolve host|Connection refused/.test(text)) {
    return new FleetError('ECONNECT', `${doing}: the hub's git service does not answer`, { cause });
  }
  return new FleetError('EGIT', `${doing}: ${last}`, { cause });
}

/** The line in which git says what the matter is. */
function whyOf(text: string): string {
  const lines = text
    .trim()
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean);
  const [, refused] = /^ *! \[(?:remote )?rejected\] .*\((.+)\)$/m.exec(text) ?? [];
  if (refused === 'shallow update not allowed')
    return 'this is a shallow clone, which the hub cannot take; first: git fetch --unshallow';
  return (
    refused ??
    lines.findLast((line) => /^(remote|error|fatal):/.test(line)) ??
    lines.at(-1) ??
    'it said nothing'
  );
}

/** The nearest directory upwards that has a `.git`, be it a directory or a worktree's or submodule's file. ENOREPO. */
export async function gitRoot(cwd: string): Promise<string> {
  for (let dir = resolve(cwd); ; dir = dirname(dir)) {
    if (existsSync(join(dir, '.git'))) return dir;
    if (dirname(dir) === dir)
      throw new FleetError('ENOREPO', 'not in a git repository; go to one, or: git init');
  }
}

/** The full hash of what git calls `rev`. ENOCOMMIT; EGIT where git cannot look. */
export async function resolveCommit(root: string, rev: string): Promise<string> {
  const parse = (what: string) => git(root, ['rev-parse', '--verify', '--quiet', '--end-of-options', what]);
  try {
    // In `:/text`, all that follows is text to look for.
    return await parse(`${rev.startsWith(':/') ? await parse(rev) : rev}^{commit}`);
  } catch (cause) {
    // Of a revision that is not there, git says nothing.
    if (/\bfatal: |spawn git ENOENT/.test(String(cause))) throw gitError(cause, 'git rev-parse');
    const empty = rev === 'HEAD' ? 'this repository has no commit yet; git commit first' : null;
    throw new FleetError('ENOCOMMIT', empty ?? `there is no commit '${rev}' here; see: git log`, { cause });
  }
}

/** True where there are changes that are in no commit. fleet.json is not counted: it is better not committed. */
export async function isDirty(root: string): Promise<boolean> {
  return (await git(root, ['status', '--porcelain', '--', '.', ':(exclude,top)fleet.json'])) !== '';
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
  await git(mirror, ['init', '--bare', '--quiet', '.']);
  await git(mirror, ['config', 'gc.auto', '0']);
}

/** Removes the locks and half-written packs of a git that was killed; no other git may be at work there. */
export function sweepMirror(mirror: string): void {
  const files = readdirSync(mirror, { recursive: true, encoding: 'utf8' });
  for (const file of files.filter((name) => /\.lock$|(^|\/)tmp_(pack|idx|rev|obj)[^/]*$/.test(name))) {
    rmSync(join(mirror, file), { recursive: true, force: true });
  }
}

/** Fetches one commit into a bare mirror, and keeps it alive there with a ref. ENOCOMMIT where the hub lacks it. */
export async function fetchCommit(
  mirror: string,
  hub: HubRemote,
  repo: string,
  commit: string,
): Promise<void> {
  await ensureMirror(mirror);
  const { args, env } = access(hub);
  const spec = `${commit}:refs/fleet/${commit}`;
  try {
    await git(
      mirror,
      [...args, 'fetch', '--quiet', '--no-tags', '--no-write-fetch-head', `${hub.url}/${repo}.git`, spec],
      env,
    );
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
  return git(mirror, ['rev-parse', '--verify', '--quiet', `refs/fleet/${commit}`]).then(
    () => true,
    () => false,
  );
}

/**
 * Checks a commit out into `dir`, which must be new. The `.git` is made by hand and borrows the mirror's objects:
 * `git worktree add` fails when it runs in parallel.
 */
export async function checkoutTree(mirror: string, commit: string, dir: string): Promise<void> {
  await mkdir(join(dir, '.git/objects/info'), { recursive: true });
  await mkdir(join(dir, '.git/refs'), { recursive: true });
  // Relative, so that the drone's directory can be moved.
  const objects = relative(join(dir, '.git/objects'), join(mirror, 'objects'));
  await writeFile(join(dir, '.git/objects/info/alternates'), `${objects}\n`);
  await writeFile(join(dir, '.git/HEAD'), `${commit}\n`);
  await writeFile(join(dir, '.git/config'), await readFile(join(mirror, 'config'), 'utf8').then(notBare));
  try {
    await git(dir, ['-c', 'checkout.workers=4', 'reset', '--quiet', '--hard']);
  } catch (cause) {
    throw gitError(cause, 'git checkout');
  }
}

const notBare = (config: string) => config.replace(/bare = true/, 'bare = false');
