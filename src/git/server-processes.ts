import { type ChildProcess, spawn } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { Semaphore } from '../system/semaphore.ts';
import { fleetEnvironment } from './environment.ts';

/** Milliseconds after which one that reads too slowly no longer keeps others waiting for its place. */
const LONGEST_TURN = 15_000;
/** Milliseconds that a push which lost its client gets to end by itself, and then to heed SIGTERM. */
const PATIENCE = 2_000;
/** Characters of what git says of its troubles that are kept. */
const MAX_COMPLAINT = 2_000;

/** A git process, and what became of it. */
export interface GitProcess {
  child: ChildProcess;
  /** Settles when it is gone and all it printed was read; null is success, else git's last words. Never rejects. */
  ended: Promise<string | null>;
}

/** The git processes that serve one hub. None outlives what it is for. */
export class GitProcesses {
  private readonly readers = new Set<GitProcess>();
  private readonly writers = new Set<GitProcess>();
  /** Reading is cheap to ask for and costs the hub: so many at once, and the others wait in line. */
  readonly semaphore = new Semaphore(Math.max(8, 2 * availableParallelism()), LONGEST_TURN);

  /** `home`: see {@link fleetEnvironment}. */
  constructor(private readonly home: string) {}

  get size(): number {
    return this.readers.size + this.writers.size;
  }

  /** What each of them is started with. EIO. */
  environment(extra: Record<string, string> = {}): Record<string, string> {
    return fleetEnvironment(this.home, extra);
  }

  /** Starts a git that only reads; it leads a process group, so that its helpers end with it. */
  read(args: string[], protocol: string): GitProcess {
    const env = this.environment(protocol ? { GIT_PROTOCOL: protocol } : {});
    const child = spawn('git', args, { detached: true, env });
    child.stdin?.on('error', () => {}); // It may end before it has read all.
    return watch(child, this.readers);
  }

  /** Starts a git that changes a repository, and needs no input. */
  write(args: string[]): GitProcess {
    const env = this.environment();
    return this.adoptWriter(spawn('git', args, { env, stdio: ['ignore', 'ignore', 'pipe'] }));
  }

  /** Looks after a process that somebody else has started, and that writes. */
  adoptWriter(child: ChildProcess): GitProcess {
    return watch(child, this.writers);
  }

  /** Ends a git that reads: at once, with its helpers. */
  kill(reader: GitProcess): void {
    const { child } = reader;
    if (!this.readers.has(reader) || child.pid === undefined) return;
    try {
      process.kill(-child.pid, 'SIGKILL');
    } catch {
      child.kill('SIGKILL');
    }
  }

  /**
   * Ends a git that writes: the end of its input makes it tidy up and go; if that is not enough SIGTERM does, which it
   * heeds tidily too, and SIGKILL at last.
   */
  endTidily({ child, ended }: GitProcess): Promise<unknown> {
    child.stdin?.destroy();
    const timers = [
      setTimeout(() => child.kill('SIGTERM'), PATIENCE),
      setTimeout(() => child.kill('SIGKILL'), 2 * PATIENCE),
    ];
    for (const timer of timers) timer.unref();
    return ended.finally(() => timers.forEach(clearTimeout));
  }

  /** Ends all of them, and waits until they are gone. */
  async close(): Promise<void> {
    for (const reader of this.readers) this.kill(reader);
    const readers = [...this.readers].map(({ ended }) => ended);
    await Promise.all([...readers, ...[...this.writers].map((writer) => this.endTidily(writer))]);
  }
}

function watch(child: ChildProcess, kin: Set<GitProcess>): GitProcess {
  let complaint = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    complaint = (complaint + String(chunk)).slice(-MAX_COMPLAINT);
  });
  const ended = new Promise<string | null>((resolve) => {
    const over = (result: string | null) => {
      kin.delete(git);
      resolve(result);
    };
    child.once('error', (error) => over(`git could not be started: ${error.message}`));
    child.once('close', (code, signal) => {
      const last = complaint.trim().split('\n').at(-1);
      over(code === 0 ? null : last || `git ended with ${signal ?? code}`);
    });
  });
  const git: GitProcess = { child, ended };
  kin.add(git);
  return git;
}
