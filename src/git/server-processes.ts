import { type ChildProcess, type StdioOptions, spawn } from 'node:child_process';
import type { Socket } from 'node:net';
import { availableParallelism } from 'node:os';
import { FairSemaphore } from '../system/fair-semaphore.ts';
import { killGroup } from '../system/process-group.ts';
import { fleetEnvironment } from './environment.ts';
import { type GitLimits, limitedGit, limitsOf } from './limits.ts';
import { GitMemory } from './memory.ts';

/** How many milliseconds a slow reader can keep others waiting for its place. */
const LONGEST_TURN = 15_000;
/** How many milliseconds a push without its client has to end by itself, and then to obey SIGTERM. */
const PATIENCE = 2_000;
/** How many characters of git's errors are kept. */
const MAX_COMPLAINT = 2_000;

/** How a git is started, with its whole environment. */
export interface GitCommand {
  file: string;
  args: string[];
  env: Record<string, string>;
}

/**
 * Returns how a git that writes is spawned: as the leader of a process group, and with one more pipe, which its helpers
 * inherit, so that `close` comes when the last one has ended.
 */
export function writerOptions(env: Record<string, string>, inputAndOutput: 'pipe' | 'ignore') {
  const stdio: StdioOptions = [inputAndOutput, inputAndOutput, 'pipe', 'pipe'];
  return { detached: true, env, stdio };
}

export interface WriteOptions {
  /** Gets its pid. */
  started?(pid: number | undefined): void;
  /** Added to its environment. */
  extra?: Record<string, string>;
}

/** A git process and its outcome. */
export interface GitProcess {
  child: ChildProcess;
  /**
   * Settles when it has ended and its output is read: to null for success, else to git's last error. Never rejects. Its
   * helpers have ended, too, also if it was killed.
   */
  ended: Promise<string | null>;
}

/** The git processes that serve one hub. Each ends with its request. */
export class GitProcesses {
  private readonly readers = new Set<GitProcess>();
  private readonly writers = new Set<GitProcess>();
  /** Fetching is cheap for a client and costly for the hub, so only some run at once, and others wait. */
  readonly semaphore = new FairSemaphore(Math.max(8, 2 * availableParallelism()), LONGEST_TURN);

  /** `home`: see {@link fleetEnvironment}. */
  constructor(
    private readonly home: string,
    private readonly limits: GitLimits = limitsOf(),
  ) {
    this.memory = new GitMemory(limits);
  }

  private readonly memory: GitMemory;

  get size(): number {
    return this.readers.size + this.writers.size;
  }

  /** Resolves when there is memory for a git of `whose`, which is given back when `start` has ended. Rejects with ELIMIT. */
  async withMemory<T>(whose: string | null, start: (bytes: number) => Promise<T>): Promise<T> {
    const { bytes, giveBack } = await this.memory.take(whose);
    try {
      return await start(bytes);
    } finally {
      giveBack();
    }
  }

  /** Returns how a git with these arguments, and so much memory, is started. Throws EIO. */
  command(args: readonly string[], memoryBytes: number, extra: Record<string, string> = {}): GitCommand {
    return { ...limitedGit(args, { ...this.limits, memoryBytes }), env: fleetEnvironment(this.home, extra) };
  }

  /** Starts a git that only reads; it leads a process group, so that its helpers end with it. */
  read(args: string[], memoryBytes: number, protocol: string): GitProcess {
    const git = this.command(args, memoryBytes, protocol ? { GIT_PROTOCOL: protocol } : {});
    const child = spawn(git.file, git.args, { detached: true, env: git.env });
    child.stdin?.on('error', () => {}); // It may end before it has read everything.
    return watch(child, this.readers);
  }

  /**
   * Has a git change a repository that needs no input, once there is memory for it. Resolves to null for success, else to git's
   * last error.
   */
  async write(args: string[], { started = () => {}, extra = {} }: WriteOptions = {}): Promise<string | null> {
    return this.withMemory(null, (bytes) => {
      const git = this.command(args, bytes, extra);
      const { child, ended } = this.adoptWriter(spawn(git.file, git.args, writerOptions(git.env, 'ignore')));
      started(child.pid);
      return ended;
    });
  }

  /** Supervises a process that was started elsewhere, with {@link writerOptions}, and that changes a repository. */
  adoptWriter(child: ChildProcess): GitProcess {
    const held = child.stdio[3] as Socket | null | undefined;
    held?.resume();
    child.once('exit', (_code, signal) => {
      if (signal !== null) killGroup(child.pid);
      else held?.destroy(); // What a hook has left in the background may go on.
    });
    return watch(child, this.writers);
  }

  /** Ends a git that reads: at once, with its helpers. */
  kill(reader: GitProcess): void {
    const { child } = reader;
    if (!this.readers.has(reader)) return;
    killGroup(child.pid);
  }

  /**
   * Ends a git that writes: by the end of its input, on which it cleans up and exits; then by SIGTERM, on which it does
   * the same; and at last by SIGKILL.
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

  /** Ends a git that writes before it changes more: by SIGTERM, on which it removes what it has received. */
  endNow(git: GitProcess): Promise<unknown> {
    git.child.kill('SIGTERM');
    return this.endTidily(git);
  }

  /** Ends all processes, and waits until they are gone. */
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
