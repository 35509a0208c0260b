import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { FleetError } from '../../protocol/errors.ts';

/** Why a command could not be started, in one line. ESPAWN. */
export function spawnError(error: Error, command: readonly string[], cwd: string): FleetError {
  const [file = ''] = command;
  const { code } = error as NodeJS.ErrnoException;
  // The system says ENOENT also where the directory to start in is missing.
  if (code === 'ENOENT' && !existsSync(cwd)) {
    return new FleetError('ESPAWN', `spawn ${file}: there is no directory ${cwd}`, { cause: error });
  }
  const reasons: Record<string, string> = {
    ENOENT: 'not found',
    EACCES: 'not allowed to run it (is it executable?)',
    E2BIG: 'the arguments and the environment are too long',
    ENOEXEC: 'not a program (does the script begin with #! ?)',
    ENOTDIR: 'not found',
    EAGAIN: 'no more processes can be started',
    ENOMEM: 'out of memory',
  };
  return new FleetError('ESPAWN', `spawn ${file}: ${reasons[code ?? ''] ?? error.message}`, { cause: error });
}

export interface ChildOptions {
  command: readonly string[];
  cwd: string;
  env: NodeJS.ProcessEnv;
  /** Its standard output and error. */
  log: number;
}

/**
 * Starts a process that outlives this one: a session of its own, and no pipe between the two. Resolves once it runs;
 * `exited` is told when it ends, which may be at once. Rejects with ESPAWN.
 */
export function startChild(
  { command, cwd, env, log }: ChildOptions,
  exited: (code: number | null, signal: NodeJS.Signals | null) => void,
): Promise<number> {
  const [file = '', ...args] = command;
  return new Promise((resolve, reject) => {
    let child: ChildProcess;
    try {
      child = spawn(file, args, { cwd, env, detached: true, stdio: ['ignore', log, log] });
    } catch (error) {
      return reject(spawnError(error as Error, command, cwd));
    }
    child.once('error', (error) => reject(spawnError(error, command, cwd)));
    child.once('spawn', () => {
      // Its end is told on a later turn, so that whoever waits for the start hears of that first.
      child.once('exit', (code, signal) => setImmediate(exited, code, signal));
      resolve(child.pid ?? 0);
    });
    child.unref();
  });
}
