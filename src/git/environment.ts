import { dirname, join } from 'node:path';
import { keepConfiguration } from './configuration.ts';

// A git runs in one of two worlds.
//
// Fleet's: whatever moves, serves or checks out a commit (push on a client; upload-pack, receive-pack and repack on the hub;
// fetch and checkout on a drone) must behave the same, and produce the same bytes, on every machine. It ignores what the
// user, the system and the environment configure: settings, hooks, attributes, filters, credential helpers, proxies. Only
// configuration.ts applies.
//
// The user's: what a revision means, whether a checkout has changes, whether git tracks a file. Here the answer must be the
// one that the user's own git would print, so their core.autocrlf, ignored files and safe directories apply. But only the
// repository that they are in may answer, and looking must neither change nor start anything.

/** What every program needs from the system: where programs, libraries and temporary files are. */
const SYSTEM = /^(PATH|TMPDIR|LD_\w+|DYLD_\w+)$/;

/** Selects another repository, makes git prompt or start an editor or a pager, or belongs to fleet. */
const NOT_THE_USERS =
  /^(GIT_(?!CONFIG_(GLOBAL|SYSTEM|NOSYSTEM)$)|FLEET_|EDITOR$|PAGER$|VISUAL$|SSH_ASKPASS|PREFIX$)/;

const ALWAYS = { GIT_TERMINAL_PROMPT: '0', LC_ALL: 'C' };

/**
 * Returns the environment for a git in fleet's world. `home` is a directory that belongs to fleet, such as the one that
 * holds the repository; fleet's configuration is written there. It replaces the user's home directory, which also hides
 * `.netrc`, and is where git before 2.32 (no GIT_CONFIG_GLOBAL) looks. Throws EIO.
 */
export function fleetEnvironment(
  home: string,
  extra: Record<string, string> = {},
  around: NodeJS.ProcessEnv = process.env,
): Record<string, string> {
  keepConfiguration(home);
  return {
    ...kept(around, (name) => SYSTEM.test(name)),
    ...ALWAYS,
    HOME: home,
    XDG_CONFIG_HOME: home,
    GIT_CONFIG_GLOBAL: join(home, '.gitconfig'),
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_ATTR_NOSYSTEM: '1',
    GIT_ALLOW_PROTOCOL: 'http:https',
    ...extra,
  };
}

/** Returns the environment for a git in the user's world that answers about the checkout in `root`, and no other. */
export function userEnvironment(
  root: string,
  around: NodeJS.ProcessEnv = process.env,
): Record<string, string> {
  return {
    ...kept(around, (name) => !NOT_THE_USERS.test(name)),
    ...ALWAYS,
    GIT_OPTIONAL_LOCKS: '0',
    GIT_CEILING_DIRECTORIES: dirname(root),
  };
}

/** The first arguments of a git in the user's world: no hooks, and no program that watches for changes. */
export const ONLY_LOOK = ['-c', 'core.fsmonitor=', '-c', 'core.hooksPath=/dev/null'];

function kept(around: NodeJS.ProcessEnv, isKept: (name: string) => boolean): Record<string, string> {
  const entries = Object.entries(around).filter(([name, value]) => value !== undefined && isKept(name));
  return Object.fromEntries(entries) as Record<string, string>;
}
