import { closeSync, fstatSync, openSync, readFileSync, type Stats } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { findGitRoot } from '../git/root.ts';
import { FleetError } from '../protocol/errors.ts';
import { findJsonFault } from './json-position.ts';

/** A hub that has a name in fleet.json. */
export interface Remote {
  hub?: string;
  secret?: string;
  /** A PEM file, relative to the directory of fleet.json. */
  ca?: string;
  fingerprint?: string;
  /** The name of the repository at the hub. */
  repo?: string;
  env?: Record<string, string>;
}

/** All of them but `env`, whose value is a string. */
const TEXTS = ['hub', 'secret', 'ca', 'fingerprint', 'repo'];
/** The keys of a remote that fleet reads. */
export const REMOTE_KEYS: readonly string[] = [...TEXTS, 'env'];

export type Remotes = Record<string, Remote>;

/** The contents of a fleet.json, and its remotes. */
export interface FleetFile {
  path: string;
  remotes: Remotes;
  content: Record<string, unknown>;
  /** As it was read; empty if there is no such file. */
  text: string;
  /** Who may write it; null if there is no such file. */
  stats: Pick<Stats, 'uid' | 'gid' | 'mode'> | null;
}

/** Returns the checkout that a worktree or submodule belongs to, as told by its `.git` file. */
function mainCheckout(root: string): string | undefined {
  try {
    const [, gitdir] = /^gitdir: (.*)$/m.exec(readFileSync(join(root, '.git'), 'utf8')) ?? [];
    const [, main] = /^(.*?)\/\.git\/(?:worktrees|modules)\//.exec(resolve(root, gitdir ?? '.')) ?? [];
    return main;
  } catch {
    return undefined; // `.git` is not a file.
  }
}

/** Returns the path of the user's own fleet.json, which counts for all checkouts. */
export function globalPath(env: NodeJS.ProcessEnv): string {
  const config = env['XDG_CONFIG_HOME'] || join(env['HOME'] || homedir(), '.config');
  return join(config, 'fleet', 'fleet.json');
}

/**
 * Returns the files in which remotes are looked up, in order: in the git root (outside of git, in the directory itself), in
 * the checkout that a worktree or submodule belongs to, and in the user's own configuration.
 */
export function searchPaths(cwd: string, env: NodeJS.ProcessEnv): string[] {
  const dirs: string[] = [];
  for (let dir = findGitRoot(cwd) ?? resolve(cwd); !dirs.includes(dir); dir = mainCheckout(dir) ?? dir)
    dirs.push(dir);
  return [...dirs.map((dir) => join(dir, 'fleet.json')), globalPath(env)];
}

/** Reads a fleet.json. If there is no such file, it has no remotes. Throws ECONFIG with the file, line and column of a mistake. */
export function readFleetFile(path: string): FleetFile {
  const { text, stats } = readOwned(path);
  if (stats === null) return { path, remotes: {}, content: {}, text, stats };
  const content = parse(path, text.replace(/^\uFEFF/, ''));
  return { path, remotes: checkRemotes(path, content['remote']), content, text, stats };
}

/** Returns the text of a file and what fstat(2) says of the same file. Throws ECONFIG. */
function readOwned(path: string): Pick<FleetFile, 'text' | 'stats'> {
  let fd: number | undefined;
  try {
    fd = openSync(path, 'r');
    return { text: readFileSync(fd, 'utf8'), stats: fstatSync(fd) };
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return { text: '', stats: null };
    throw new FleetError('ECONFIG', `cannot read ${path}: ${(cause as Error).message}`, { cause });
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}

function parse(path: string, text: string): Record<string, unknown> {
  const wrong = (where: string, why: string, cause?: unknown) =>
    new FleetError('ECONFIG', `${path} is broken${where}: ${why}; fix it or move it away`, { cause });
  if (text.trim() === '') throw wrong(' at line 1, column 1', 'it is empty');
  try {
    const content = JSON.parse(text) as unknown;
    if (isObject(content)) return content;
  } catch (cause) {
    const fault = findJsonFault(text);
    throw fault
      ? wrong(` at line ${fault.line}, column ${fault.column}`, fault.why, cause)
      : wrong('', String(cause), cause);
  }
  throw wrong(' at line 1, column 1', "it should be an object: {'remote': …}".replaceAll("'", '"'));
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function checkRemotes(path: string, remotes: unknown): Remotes {
  const wrong = (where: string, what: string) =>
    new FleetError('ECONFIG', `${path}: ${where} should be ${what}; fix it, or use: fleet remote add`);
  if (remotes === undefined) return {};
  if (!isObject(remotes)) throw wrong('"remote"', 'an object of remotes');
  for (const [name, remote] of Object.entries(remotes)) {
    if (!isObject(remote)) throw wrong(`remote.${name}`, 'an object like {"hub": "HOST:PORT"}');
    for (const key of TEXTS) {
      if (!['string', 'undefined'].includes(typeof remote[key]))
        throw wrong(`remote.${name}.${key}`, 'a string');
    }
    const { env = {} } = remote;
    if (!isObject(env)) throw wrong(`remote.${name}.env`, 'an object of strings');
    const odd = Object.keys(env).find((variable) => typeof env[variable] !== 'string');
    if (odd !== undefined) throw wrong(`remote.${name}.env.${odd}`, 'a string');
  }
  return remotes as Remotes;
}
