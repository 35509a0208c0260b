import { homedir } from 'node:os';
import { MARK_VARIABLE } from '../../protocol/names.ts';
import type { ProcessSpec } from '../../protocol/process.ts';
import { own } from '../../system/own.ts';

/** The mark of a git that a drone runs for itself: if the drone dies, another one in the same directory finds it. */
export function gitMark(mark: string): Record<string, string> {
  return { [MARK_VARIABLE]: `${mark}.git-${process.pid}` };
}

/** The mark of a command that checks an instance: the next drone ends it if it still runs, and does not take it for the instance. */
export function checkMark(mark: string, id: string): Record<string, string> {
  return { [MARK_VARIABLE]: `${mark}.check-${id}` };
}

/** Variables that are meant for the drone only: fleet's own, and a service manager's. */
const NOT_HANDED_ON =
  /^(FLEET_.*|NOTIFY_SOCKET|LISTEN_(FDS|PID|FDNAMES)|INVOCATION_ID|JOURNAL_STREAM|WATCHDOG_\w+)$/;

/**
 * Variables by which git binds what a hook or an alias starts to one repository: `git rev-parse --local-env-vars`, and
 * what a push sets beside them. A drone may be started there, too, but what it starts would then work on that repository
 * instead of its own. GIT_CONFIG_COUNT stays: whoever runs services sets it for all of them.
 */
const OF_A_REPOSITORY = new Set([
  'GIT_ALTERNATE_OBJECT_DIRECTORIES',
  'GIT_COMMON_DIR',
  'GIT_CONFIG',
  'GIT_CONFIG_PARAMETERS',
  'GIT_DIR',
  'GIT_GRAFT_FILE',
  'GIT_IMPLICIT_WORK_TREE',
  'GIT_INDEX_FILE',
  'GIT_INTERNAL_SUPER_PREFIX',
  'GIT_NAMESPACE',
  'GIT_NO_REPLACE_OBJECTS',
  'GIT_OBJECT_DIRECTORY',
  'GIT_PREFIX',
  'GIT_QUARANTINE_PATH',
  'GIT_REPLACE_REF_BASE',
  'GIT_SHALLOW_FILE',
  'GIT_WORK_TREE',
]);

export interface Surroundings {
  /** The drone's name. */
  drone: string;
  /** See `markOf`. */
  mark: string;
  /** The directory that the process starts in. */
  cwd: string;
}

/**
 * Returns a process's environment: the drone's own without fleet's variables (its secret above all) and those of some
 * repository, the variables of `--env`, and those that say where it runs.
 */
export function processEnvironment(
  { id, repo, commit, env }: Pick<ProcessSpec, 'id' | 'repo' | 'commit' | 'env'>,
  { drone, mark, cwd }: Surroundings,
  drones: NodeJS.ProcessEnv = process.env,
): NodeJS.ProcessEnv {
  const inherited = Object.entries(drones).filter(
    ([name]) => !NOT_HANDED_ON.test(name) && !OF_A_REPOSITORY.has(name),
  );
  return {
    HOME: homeOfUser(),
    ...Object.fromEntries(inherited),
    PWD: cwd,
    ...env,
    REPO: repo,
    COMMIT: commit,
    DRONE_ID: drone,
    PROCESS_ID: id,
    [MARK_VARIABLE]: `${mark}.${id}`,
  };
}

/** Those that say what a process is, and where. */
const OF_PROCESS = ['REPO', 'COMMIT', 'DRONE_ID', 'PROCESS_ID'] as const;

/** Returns what an app sets in place of such variables: for its own processes, that wins. */
export function insteadOfOurs(env: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    OF_PROCESS.flatMap((name) => {
      const value = own(env, name);
      return value === undefined ? [] : [[name, value]];
    }),
  );
}

/** A unit of systemd without `User=` has no HOME, and neither may a container. */
function homeOfUser(): string {
  try {
    return homedir();
  } catch {
    return '/'; // The system does not know this user.
  }
}
