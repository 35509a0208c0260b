import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { FleetError } from '../../protocol/errors.ts';
import type { LastExit } from '../../protocol/process.ts';
import type { Start } from './hooks/hook.ts';

/** Returns ESPAWN, with the reason why a command could not be started, in one line. */
export function spawnError(error: Error, command: readonly string[], cwd: string): FleetError {
  const [file = ''] = command;
  const { code } = error as NodeJS.ErrnoException;
  // The system also reports ENOENT if the directory to start in is missing.
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

export interface Child {
  pid: number;
  exited: Promise<LastExit>;
}

/**
 * Starts a process that outlives this one: in a session of its own, and with nothing that ends with this one. Resolves once it runs.
 * Throws ESPAWN.
 */
export function startChild({ command, cwd, env, output }: Start): Promise<Child> {
  const [file = '', ...args] = command;
  return new Promise((resolve, reject) => {
    let child: ChildProcess;
    try {
      child = spawn(file, args, { cwd, env, detached: true, stdio: ['ignore', output, output] });
    } catch (error) {
      return reject(spawnError(error as Error, command, cwd));
    }
    const exited = new Promise<LastExit>((resolve) => {
      child.once('exit', (code, signal) => resolve({ code, signal }));
    });
    child.once('error', (error) => reject(spawnError(error, command, cwd)));
    child.once('spawn', () => resolve({ pid: child.pid ?? 0, exited }));
    child.unref();
  });
}
