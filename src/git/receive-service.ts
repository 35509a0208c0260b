import childProcess, { type ChildProcess } from 'node:child_process';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { PassThrough, type Readable } from 'node:stream';
import { Service } from 'node-git-server';

/**
 * node-git-server's Service starts `git-receive-pack` for a repository, feeds it a push and passes on its answer. It would
 * hand it the environment of this process, the hub's secret included, and has no option for another one. Resolves to what
 * `adopt` makes of the process, which is asked before anything can happen to it.
 */
export function startReceivePack<T>(
  repository: string,
  env: Record<string, string>,
  { input, output }: { input: Readable; output: PassThrough },
  adopt: (child: ChildProcess) => T,
): Promise<T> {
  const service = new Service(
    { repo: repository, service: 'receive-pack', cwd: repository },
    Object.assign(input, { headers: {} }) as unknown as IncomingMessage,
    output as unknown as ServerResponse,
  );
  service.on('error', () => {}); // Each end of it is looked after by the caller.
  return new Promise((resolve) => {
    service.once('service', (child: ChildProcess) => {
      if (!child.stdin || !child.stdout) giveStreams(child);
      resolve(adopt(child));
    });
    const { spawn } = childProcess;
    // It spawns in a tick of its own. These stand in line right before and behind it, so no other code sees the change.
    process.nextTick(() => {
      childProcess.spawn = ((file: string, args: string[]) =>
        spawn('git', [file.replace('git-', ''), ...args], { env })) as typeof spawn;
    });
    service.accept();
    process.nextTick(() => {
      childProcess.spawn = spawn;
    });
  });
}

/** A process that there were no file descriptors for has no pipes, and node-git-server pipes to them all the same. */
function giveStreams(child: ChildProcess): void {
  Object.assign(child, { stdin: new PassThrough().resume(), stdout: new PassThrough().end() });
}
