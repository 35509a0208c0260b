import { execFile } from 'node:child_process';

/** How long systemd may take to answer. */
const ANSWER_WITHIN_MS = 2_000;

/**
 * Resolves to true if everything that runs beside this process is about to end: the machine shuts down, or the user's
 * services do, or this is the first process of a container, which ends with it. Asks systemd, if there is one
 * (systemctl(1), `is-system-running`); MANAGERPID says that it is the one of a user (systemd.exec(5)).
 */
export function isGoingDown(
  { pid, env }: Pick<NodeJS.Process, 'pid' | 'env'> = process,
  ask: (args: string[]) => Promise<string> = askSystemd,
): Promise<boolean> {
  if (pid === 1) return Promise.resolve(true);
  const whose = env['MANAGERPID'] === undefined ? [] : ['--user'];
  return ask([...whose, 'is-system-running']).then((state) => state.trim() === 'stopping');
}

/** Returns what systemctl prints; empty if there is none. Its exit status is not 0 in most states. */
function askSystemd(args: string[]): Promise<string> {
  return new Promise((resolve) => {
    execFile('systemctl', args, { timeout: ANSWER_WITHIN_MS }, (_error, stdout) => resolve(stdout));
  });
}
