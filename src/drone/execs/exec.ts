import { type ChildProcess, type StdioOptions, spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import { setImmediate, setTimeout as sleep } from 'node:timers/promises';
import type { LastExit } from '../../protocol/process.ts';
import { bootId, startTime } from '../../system/procfs.ts';
import { withOpenFiles } from '../processes/open-files.ts';
import type { Run } from '../processes/process-table.ts';
import { spawnError } from '../processes/spawn-error.ts';
import { endRun, signal } from '../processes/terminate.ts';
import type { ExecOptions, ExecSink } from './exec-options.ts';
import { LineBatches } from './line-batches.ts';
import { makeStreams, type Streams } from './streams.ts';
import { ExecTerminal, onTerminal, terminalEnvironment } from './terminal.ts';

/** Output that is sent without waiting for more: as much as a pipe holds. */
const BATCH_BYTES = 65_536;
/** After the process has ended: how long a pipe that its children hold must be silent before it is closed. */
const LINGER_MS = 300;
const LINGER_STEP_MS = 100;
/** From SIGTERM to SIGKILL, for an exec whose client is gone. */
const GRACE_MS = 2_000;

/**
 * A process that runs once for a client: it has pipes instead of a log, is paused while the client is slow, and ends
 * when the client is gone. Output is passed on as it comes, in whole lines if it consists of lines.
 */
export class Exec {
  private readonly child: ChildProcess;
  private readonly exited: Promise<LastExit>;
  private unackedBytes = 0;
  private ended = false;
  private signalled = false;
  private abandoned = false;
  private readonly batches: Record<'stdout' | 'stderr', LineBatches>;
  /** Chunks read so far. */
  private chunks = 0;
  private leader: Run | null = null;
  /** What it runs on; null for pipes. */
  terminal: ExecTerminal | null = null;

  private constructor(
    private readonly options: ExecOptions,
    private readonly streams: Streams,
    private readonly sink: ExecSink,
  ) {
    const batches = (stream: 'stdout' | 'stderr') =>
      new LineBatches(Math.min(BATCH_BYTES, options.window), (bytes) => this.send(stream, bytes));
    this.batches = { stdout: batches('stdout'), stderr: batches('stderr') };
    const { terminal, cwd, env, stdin } = options;
    const command = terminal ? onTerminal(options.command, terminal, env['SHELL']) : options.command;
    const [file = '', ...args] = withOpenFiles(command, { cwd, env });
    const stdio = [stdin ? 'pipe' : 'ignore', ...streams.stdio] as StdioOptions;
    this.child = spawn(file, args, {
      cwd,
      env: terminal ? terminalEnvironment(env, terminal.term) : env,
      detached: true,
      stdio,
    });
    // Errors of the input pipe, whose reader may be gone before the input ends.
    this.child.stdin?.on('error', () => {});
    this.exited = new Promise((resolve) => {
      this.child.once('exit', (code, signal) => resolve({ code, signal }));
    });
  }

  /** Throws ESPAWN if the command cannot be started. */
  static async start(options: ExecOptions, sink: ExecSink): Promise<Exec> {
    const streams = await makeStreams();
    try {
      const exec = new Exec(options, streams, sink);
      await new Promise<void>((resolve, reject) => {
        exec.child.once('spawn', resolve);
        exec.child.once('error', (error) => reject(spawnError(error, options.command, options.cwd)));
      });
      return exec.begin();
    } catch (error) {
      streams.destroy();
      throw error;
    } finally {
      streams.handOver();
    }
  }

  private begin(): this {
    const { options, streams } = this;
    const closed = (['stdout', 'stderr'] as const).map((name) => this.read(name, streams[name]));
    void this.exited.then((exit) => this.closeWhenSilent(exit));
    void Promise.all([this.exited, ...closed]).then(([exit]) => this.finish(exit));
    const pid = this.child.pid ?? 0;
    options.table.outdated();
    this.leader = { pid, started: startTime(pid) ?? 0, boot: bootId() };
    if (options.terminal) this.terminal = new ExecTerminal(options.table, options.id, this.leader);
    return this;
  }

  /** Writes to its standard input; acknowledged when the process has room for more. */
  write(bytes: Buffer): void {
    const { stdin } = this.child;
    if (!stdin || stdin.destroyed) return this.sink.stdinAck(bytes.length);
    stdin.write(bytes, () => this.sink.stdinAck(bytes.length));
  }

  endInput(): void {
    this.child.stdin?.end();
  }

  /** Acknowledges bytes that the client has read. */
  ack(bytes: number): void {
    this.unackedBytes = Math.max(0, this.unackedBytes - bytes);
    if (this.unackedBytes < this.options.window) for (const pipe of this.pipes()) pipe.resume();
  }

  /** Signals the whole process group. */
  kill(name: NodeJS.Signals): void {
    if (this.ended || this.child.pid === undefined) return;
    this.signalled = true;
    if (this.terminal) this.terminal.kill(name);
    else signal(-this.child.pid, name);
  }

  /**
   * Ends it because its client is gone: SIGTERM, and SIGKILL after a grace period. If it was sent a signal just now
   * (Ctrl-C, after which the client went away), it first has time to handle that.
   */
  async abandon(): Promise<void> {
    this.abandoned = true;
    for (const pipe of this.pipes()) pipe.resume();
    const until = performance.now() + (this.signalled ? GRACE_MS : 0);
    while (!this.ended && performance.now() < until) await sleep(20);
    const { id, table } = this.options;
    await this.terminal?.hangUp();
    // It cannot be ended: there is nobody left to tell, and the next drone here tries again.
    await endRun({ id, leader: this.leader, table }, GRACE_MS).catch(() => {});
  }

  /** Resolves when the pipe is closed and all of it is passed on. */
  private read(stream: 'stdout' | 'stderr', pipe: Readable): Promise<void> {
    const { [stream]: batches } = this.batches;
    pipe.on('data', (chunk: Buffer) => {
      this.chunks += 1;
      // What is typed is echoed at once, and is no line yet.
      if (this.options.terminal) this.send(stream, chunk);
      else batches.add(chunk);
    });
    return new Promise((resolve) => {
      pipe.once('close', () => {
        batches.flush();
        resolve();
      });
    });
  }

  private send(stream: 'stdout' | 'stderr', bytes: Buffer): void {
    if (this.abandoned) return;
    this.unackedBytes += bytes.length;
    if (this.unackedBytes >= this.options.window) for (const pipe of this.pipes()) pipe.pause();
    this.sink.output(stream, bytes);
  }

  private pipes(): Readable[] {
    return [this.streams.stdout, this.streams.stderr];
  }

  /**
   * Reads the pipes, which a child that the process left behind may hold open, until they are silent. A turn of the
   * event loop runs timers before it reads, so only silence during which pipes were read counts, not time alone.
   */
  private async closeWhenSilent(exit: LastExit): Promise<void> {
    let silent = 0;
    while (silent < LINGER_MS) {
      const heard = this.chunks;
      await sleep(LINGER_STEP_MS, undefined, { ref: false });
      await setImmediate();
      if (this.ended) return;
      const isSilent = this.chunks === heard && this.unackedBytes < this.options.window;
      silent = isSilent ? silent + LINGER_STEP_MS : 0;
    }
    for (const pipe of this.pipes()) pipe.destroy();
    await setImmediate();
    this.finish(exit);
  }

  private finish(exit: LastExit): void {
    if (this.ended) return;
    this.ended = true;
    this.batches.stdout.flush();
    this.batches.stderr.flush();
    this.streams.destroy();
    this.sink.exit(exit);
  }
}
