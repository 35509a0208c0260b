import { type ChildProcess, spawn } from 'node:child_process';
import type { LastExit } from '../../protocol/process.ts';
import type { Start } from './hooks/hook.ts';
import { withOpenFiles } from './open-files.ts';
import { spawnError } from './spawn-error.ts';

export interface Child {
  pid: number;
  exited: Promise<LastExit>;
}

/**
 * Starts a process that outlives this one: in a session of its own, and with nothing that ends with this one. Resolves once it runs.
 * Throws ESPAWN.
 */
export function startChild({ command, cwd, env, output }: Start): Promise<Child> {
  return new Promise((resolve, reject) => {
    let child: ChildProcess;
    try {
      const [file = '', ...args] = withOpenFiles(command, { cwd, env });
      child = spawn(file, args, { cwd, env, detached: true, stdio: ['ignore', output, output] });
    } catch (error) {
      return reject(spawnError(error, command, cwd));
    }
    const exited = new Promise<LastExit>((resolve) => {
      child.once('exit', (code, signal) => resolve({ code, signal }));
    });
    child.once('error', (error) => reject(spawnError(error, command, cwd)));
    child.once('spawn', () => resolve({ pid: child.pid ?? 0, exited }));
    child.unref();
  });
}
