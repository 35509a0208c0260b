import type { ProcessSpec } from '../../protocol/process.ts';

/** The variable by which a process, and whatever it starts, is known again: `MARK.ID`. */
export const MARK_VARIABLE = 'FLEET_RUN';

/** The mark of a git that a drone runs for itself: another drone in the same directory finds it, should this one die. */
export function gitMark(mark: string): Record<string, string> {
  return { [MARK_VARIABLE]: `${mark}.git-${process.pid}` };
}

/** What a service manager says to the drone, and to nobody else. */
const NOT_HANDED_ON =
  /^(FLEET_.*|NOTIFY_SOCKET|LISTEN_(FDS|PID|FDNAMES)|INVOCATION_ID|JOURNAL_STREAM|WATCHDOG_\w+)$/;

export interface Surroundings {
  /** The drone's name. */
  drone: string;
  /** See `markOf`. */
  mark: string;
  /** Where the process starts. */
  cwd: string;
}

/**
 * A process's environment: the drone's own without what is fleet's (its secret above all), what `--env` gave, and where
 * it is.
 */
export function processEnvironment(
  { id, repo, commit, env }: Pick<ProcessSpec, 'id' | 'repo' | 'commit' | 'env'>,
  { drone, mark, cwd }: Surroundings,
  own: NodeJS.ProcessEnv = process.env,
): NodeJS.ProcessEnv {
  const inherited = Object.entries(own).filter(([name]) => !NOT_HANDED_ON.test(name));
  return {
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
