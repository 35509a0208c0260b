import { dirname, join } from 'node:path';
import { keepConfiguration } from './configuration.ts';

// Whose world a git lives in.
//
// Fleet's: whatever moves, serves or checks out a commit (push at a client; upload-pack, receive-pack and repack at the
// hub; fetch and checkout on a drone) has to give the same bytes and the same answers on every machine. It knows nothing
// of what the user, the system or the environment say of git: no configuration, hooks, attributes, filters, helpers or
// proxies but those in configuration.ts.
//
// The user's: what a revision is called, whether a checkout has changes, whether git keeps a file. There it is the user's
// own git that is right, with their core.autocrlf, their ignored files, the directories that they call safe. Nothing but
// the repository that they stand in may answer, and looking must not change or start anything.

/** What any program needs of the system. TMPDIR and the loader's variables say where files and libraries are. */
const SYSTEM = /^(PATH|TMPDIR|LD_\w+|DYLD_\w+)$/;

/** What would change which repository answers, or have git ask, edit, page, or know of fleet's own. */
const NOT_THE_USERS =
  /^(GIT_(?!CONFIG_(GLOBAL|SYSTEM|NOSYSTEM)$)|FLEET_|EDITOR$|PAGER$|VISUAL$|SSH_ASKPASS|PREFIX$)/;

const ALWAYS = { GIT_TERMINAL_PROMPT: '0', LC_ALL: 'C' };

/**
 * The environment of a git in fleet's world. `home` is a directory of fleet's own, such as the one that a repository lies
 * in, and gets fleet's configuration. It stands for the user's home, so that there is no `.netrc` either, and git before
 * 2.32, which does not know GIT_CONFIG_GLOBAL, finds it too. EIO.
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

/** The environment of a git that answers for the user about the checkout in `root`, and about none further up. */
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

/** Hooks, and programs that watch for changes, are not for a git that only looks: these arguments go before all others. */
export const ONLY_LOOK = ['-c', 'core.fsmonitor=', '-c', 'core.hooksPath=/dev/null'];

function kept(around: NodeJS.ProcessEnv, isKept: (name: string) => boolean): Record<string, string> {
  const entries = Object.entries(around).filter(([name, value]) => value !== undefined && isKept(name));
  return Object.fromEntries(entries) as Record<string, string>;
}
