import { spawn } from 'node:child_process';
import { pipeline, Readable } from 'node:stream';
import { killGroup } from '../system/process-group.ts';

export interface GroupOptions {
  /** The whole environment. */
  env: Record<string, string>;
  signal: AbortSignal;
  /** Gets chunks of standard error as they come. */
  onError?: (chunk: Buffer) => void;
  /** What git reads; nothing if it is left out. */
  input?: Readable;
}

/**
 * Runs a git with helpers in a process group of its own, in `cwd`. If `signal` aborts,
 * all of them are killed: the helpers of a git that was killed alone would go on writing. Rejects with the signal's reason,
 * or with an Error whose message is all of git's output if its status is not 0.
 */
export function gitInGroup(
  cwd: string,
  args: string[],
  { env, signal, onError, input = Readable.from([]) }: GroupOptions,
): Promise<void> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const child = spawn('git', args, { cwd, env, detached: true, stdio: ['pipe', 'pipe', 'pipe'] });
    const output: Buffer[] = [];
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => output.push(chunk));
    if (onError) child.stderr.on('data', onError);
    const kill = () => killGroup(child.pid);
    // If the input fails, git finds that it is cut off; if git ends early, that says why.
    pipeline(input, child.stdin, () => {});
    signal.addEventListener('abort', kill);
    const end = (error?: unknown) => {
      signal.removeEventListener('abort', kill);
      if (signal.aborted) reject(signal.reason);
      else if (error) reject(error);
      else resolve();
    };
    child.once('error', end);
    // The output ends with the last helper.
    child.once('close', (code) => end(code === 0 ? undefined : new Error(Buffer.concat(output).toString())));
  });
}
