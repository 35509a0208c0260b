import { type ChildProcess, spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import { setImmediate, setTimeout as sleep } from 'node:timers/promises';
import type { LastExit } from '../../protocol/process.ts';
import { bootId, startTime } from '../../system/procfs.ts';
import { spawnError } from '../processes/child.ts';
import type { ProcessTable, Run } from '../processes/process-table.ts';
import { endRun } from '../processes/terminate.ts';
import { LineBatches } from './line-batches.ts';

/** Bytes of output that are sent without waiting for more: as many as a pipe holds. */
const BATCH = 65_536;
/** After the process has ended: milliseconds of silence until a pipe that its children hold is let go. */
const LINGER = 300;
const LINGER_STEP = 100;
/** Milliseconds from SIGTERM to SIGKILL for an exec whose client is gone. */
const GRACE = 2_000;

export interface ExecOptions {
  id: string;
  table: ProcessTable;
  command: string[];
  cwd: string;
  env: NodeJS.ProcessEnv;
  stdin: boolean;
  /** Bytes that may be under way until it is held back. */
  window: number;
}

/** What an exec tells; output counts against the window until it is acknowledged. */
export interface ExecSink {
  output(stream: 'stdout' | 'stderr', bytes: Buffer): void;
  stdinAck(bytes: number): void;
  exit(exit: LastExit): void;
}

/**
 * A process that runs once for a client: pipes instead of a log, held back while the client is slow, and ended when
 * the client is gone. Bytes go on as they come, whole lines together wherever they are lines.
 */
export class Exec {
  private readonly child: ChildProcess;
  private underWay = 0;
  private ended = false;
  private told = false;
  private abandoned = false;
  private readonly batches: Record<'stdout' | 'stderr', LineBatches>;
  /** How many were read so far. */
  private chunks = 0;
  private leader: Run | null = null;

  private constructor(
    private readonly options: ExecOptions,
    private readonly sink: ExecSink,
  ) {
    const batches = (stream: 'stdout' | 'stderr') =>
      new LineBatches(Math.min(BATCH, options.window), (bytes) => this.send(stream, bytes));
    this.batches = { stdout: batches('stdout'), stderr: batches('stderr') };
    const [file = '', ...args] = options.command;
    this.child = spawn(file, args, {
      cwd: options.cwd,
      env: options.env,
      detached: true,
      stdio: [options.stdin ? 'pipe' : 'ignore', 'pipe', 'pipe'],
    });
    // Its own, which may well be gone before its input is.
    this.child.stdin?.on('error', () => {});
    // From the first moment: what nobody reads by the time it ends, node throws away.
    const { stdout, stderr } = this.child;
    if (stdout) this.read('stdout', stdout);
    if (stderr) this.read('stderr', stderr);
    // One that could not be started closes too, and has no exit to tell of.
    this.child.once('spawn', () => {
      this.child.once('exit', (code, signal) => void this.letGoSoon(code, signal));
      this.child.once('close', (code, signal) => this.finish(code, signal));
    });
  }

  /** Rejects with ESPAWN where the command cannot be started. */
  static async start(options: ExecOptions, sink: ExecSink): Promise<Exec> {
    const exec = new Exec(options, sink);
    await new Promise<void>((resolve, reject) => {
      exec.child.once('spawn', resolve);
      exec.child.once('error', (error) => reject(spawnError(error, options.command, options.cwd)));
    });
    const pid = exec.child.pid ?? 0;
    options.table.outdated();
    exec.leader = { pid, started: startTime(pid) ?? 0, boot: bootId() };
    return exec;
  }

  /** Bytes for its standard input; acknowledged when the process has room for more. */
  write(bytes: Buffer): void {
    const { stdin } = this.child;
    if (!stdin || stdin.destroyed) return this.sink.stdinAck(bytes.length);
    stdin.write(bytes, () => this.sink.stdinAck(bytes.length));
  }

  endInput(): void {
    this.child.stdin?.end();
  }

  /** The client has taken so many bytes. */
  ack(bytes: number): void {
    this.underWay = Math.max(0, this.underWay - bytes);
    if (this.underWay < this.options.window) for (const pipe of this.pipes()) pipe.resume();
  }

  /** To the whole process group. */
  kill(signal: NodeJS.Signals): void {
    if (this.ended || this.child.pid === undefined) return;
    this.told = true;
    try {
      process.kill(-this.child.pid, signal);
    } catch {
      // Ended a moment ago.
    }
  }

  /**
   * Nobody is there any more to read what it prints: SIGTERM for all of it, and SIGKILL after a moment. One that was
   * sent a signal just now (Ctrl-C, and the client was gone) first has time to do what it does then.
   */
  async abandon(): Promise<void> {
    this.abandoned = true;
    for (const pipe of this.pipes()) pipe.resume();
    const until = performance.now() + (this.told ? GRACE : 0);
    while (!this.ended && performance.now() < until) await sleep(20);
    const { id, table } = this.options;
    // It cannot be ended: there is nobody left to tell, and the next drone here tries again.
    await endRun({ id, leader: this.leader, table }, GRACE).catch(() => {});
  }

  private read(stream: 'stdout' | 'stderr', pipe: Readable): void {
    const { [stream]: batches } = this.batches;
    pipe.on('data', (chunk: Buffer) => {
      this.chunks += 1;
      batches.add(chunk);
    });
    pipe.once('close', () => batches.flush());
  }

  private send(stream: 'stdout' | 'stderr', bytes: Buffer): void {
    if (this.abandoned) return;
    this.underWay += bytes.length;
    if (this.underWay >= this.options.window) for (const pipe of this.pipes()) pipe.pause();
    this.sink.output(stream, bytes);
  }

  private pipes(): Readable[] {
    return [this.child.stdout, this.child.stderr].filter((pipe) => pipe !== null);
  }

  /**
   * A child that the process left behind may hold the pipes for ever: they are read until they fall silent. A turn of
   * the event loop runs timers before it reads, so what counts is silence that was listened to, not time.
   */
  private async letGoSoon(code: number | null, signal: NodeJS.Signals | null): Promise<void> {
    let silent = 0;
    while (silent < LINGER) {
      const heard = this.chunks;
      await sleep(LINGER_STEP, undefined, { ref: false });
      await setImmediate();
      if (this.ended) return;
      const isSilent = this.chunks === heard && this.underWay < this.options.window;
      silent = isSilent ? silent + LINGER_STEP : 0;
    }
    for (const pipe of this.pipes()) pipe.destroy();
    await setImmediate();
    this.finish(code, signal);
  }

  private finish(code: number | null, signal: NodeJS.Signals | null): void {
    if (this.ended) return;
    this.ended = true;
    this.batches.stdout.flush();
    this.batches.stderr.flush();
    this.sink.exit({ code, signal });
  }
}
