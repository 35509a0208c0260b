import childProcess, { type ChildProcess } from 'node:child_process';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { PassThrough, type Readable } from 'node:stream';
import { Service } from 'node-git-server';
import { type GitCommand, writerOptions } from './server-processes.ts';

/**
 * Starts `git receive-pack` for a repository. node-git-server's Service does this: it pipes the push to git, and git's answer
 * back. It would pass on this process's environment, which includes the hub's secret, and has no option for another one, nor
 * for limits: `command` says how git is started.
 * `adopt` is called with the process before any of its events can occur; resolves to what it returns.
 */
export function startReceivePack<T>(
  repository: string,
  command: (args: string[]) => GitCommand,
  { input, output }: { input: Readable; output: PassThrough },
  adopt: (child: ChildProcess) => T,
): Promise<T> {
  const service = new Service(
    { repo: repository, service: 'receive-pack', cwd: repository },
    Object.assign(input, { headers: {} }) as unknown as IncomingMessage,
    output as unknown as ServerResponse,
  );
  service.on('error', () => {}); // The caller watches both streams and the process.
  return new Promise((resolve) => {
    service.once('service', (child: ChildProcess) => {
      if (!child.stdin || !child.stdout) giveStreams(child);
      resolve(adopt(child));
    });
    const { spawn } = childProcess;
    const start = (name: string, args: string[]) => {
      const git = command([name.replace('git-', ''), ...args]);
      return spawn(git.file, git.args, writerOptions(git.env, 'pipe'));
    };
    // Service calls spawn in the next tick. These ticks run right before and right after it, so no other code is affected.
    process.nextTick(() => {
      childProcess.spawn = start as typeof spawn;
    });
    service.accept();
    process.nextTick(() => {
      childProcess.spawn = spawn;
    });
  });
}

/** If the process could not be started for lack of file descriptors, it has no pipes, but node-git-server expects them. */
function giveStreams(child: ChildProcess): void {
  Object.assign(child, { stdin: new PassThrough().resume(), stdout: new PassThrough().end() });
}
