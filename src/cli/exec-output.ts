import { constants } from 'node:os';
import type { ExecChunk, ExecExit, Execution } from '../client/types.ts';
import { UNFINISHED_AFTER_MS } from '../protocol/limits.ts';
import { LinePrefixer, terminalText } from './exec-lines.ts';
import { exitText } from './exit-text.ts';
import { note, type Output, type OutputStream, type Surroundings } from './io.ts';
import { isSameTarget, OpenLine } from './open-line.ts';
import { drained } from './printer.ts';
import { colourOf, type Screen, screenOf } from './screen.ts';

/** Prints the bytes of an exec unchanged, and returns how each process ended. */
export async function showRaw(exec: Execution, io: Output): Promise<ExecExit[]> {
  const exits: ExecExit[] = [];
  for await (const item of exec) {
    if ('exited' in item) exits.push(item);
    else if (!io[item.stream].write(item.bytes)) await drained(io[item.stream]);
  }
  return exits;
}

/** Prints the lines of an exec as `[DRONE#ID] line`, and returns how each process ended, in order. */
export async function showLines(exec: Execution, io: Output & Surroundings): Promise<ExecExit[]> {
  const open = new OpenLine();
  const outputs = {
    stdout: new LineOutput(io.stdout, io.env, open),
    stderr: new LineOutput(io.stderr, io.env, isSameTarget(io.stdout, io.stderr) ? open : new OpenLine()),
  };
  const exits: ExecExit[] = [];
  try {
    for await (const item of exec) {
      if (!('exited' in item)) {
        await outputs[item.stream].show(item);
        continue;
      }
      exits.push(item);
      const { drone, id, error } = item;
      await outputs.stderr.finish(drone, id);
      await outputs.stdout.finish(drone, id);
      if (error !== undefined) await outputs.stderr.write(`[${drone}#${id}] ${error}\n`);
      await outputs.stdout.write(`(${drone}#${id} ${exitText(item)})\n`);
    }
  } finally {
    // If the connection was lost, unfinished lines are printed all the same.
    for (const { drone, id } of exec.processes) {
      await outputs.stderr.finish(drone, id);
      await outputs.stdout.finish(drone, id);
    }
  }
  return exits;
}

/** Standard output or standard error of this program, which gets whole lines of many processes. */
class LineOutput {
  private readonly processes = new Map<string, LinePrefixer>();
  /** Of the processes that have an unfinished line. */
  private readonly timers = new Map<LinePrefixer, NodeJS.Timeout>();
  private readonly screen: Screen;

  constructor(
    private readonly stream: OutputStream,
    env: NodeJS.ProcessEnv,
    /** That of all who print to the same place. */
    private readonly open: OpenLine,
  ) {
    this.screen = screenOf(stream, env);
  }

  async show({ drone, id, bytes }: ExecChunk): Promise<void> {
    const key = `${drone}#${id}`;
    const lines = this.processes.get(key) ?? new LinePrefixer(`[${key}] `, this.open);
    this.processes.set(key, lines);
    const whole = lines.push(bytes);
    if (whole !== '') this.forget(lines);
    if (lines.isWaiting && !this.timers.has(lines)) this.showLater(lines, drone);
    await this.print(whole, drone);
  }

  /** Prints the last line if it had no newline. */
  async finish(drone: string, id: string): Promise<void> {
    const key = `${drone}#${id}`;
    const lines = this.processes.get(key);
    if (!lines) return;
    this.forget(lines);
    this.processes.delete(key);
    await this.print(lines.end(), drone);
  }

  /** Prints a text that is of no process. */
  async write(text: string): Promise<void> {
    await this.print(this.open.close() + Buffer.from(text).toString('latin1'));
  }

  private showLater(lines: LinePrefixer, drone: string): void {
    const show = () => {
      this.timers.delete(lines);
      this.put(lines.unfinished(), drone);
    };
    this.timers.set(lines, setTimeout(show, UNFINISHED_AFTER_MS));
  }

  private forget(lines: LinePrefixer): void {
    clearTimeout(this.timers.get(lines));
    this.timers.delete(lines);
  }

  /** `text` has one character per byte. */
  private async print(text: string, drone?: string): Promise<void> {
    if (text !== '' && !this.put(text, drone)) await drained(this.stream);
  }

  /** Returns false if there is no room for more. */
  private put(text: string, drone: string | undefined): boolean {
    const { stream } = this;
    if (!stream.isTTY) return stream.write(text, 'latin1');
    return stream.write(this.painted(terminalText(text), drone));
  }

  private painted(text: string, drone: string | undefined): string {
    if (drone === undefined) return text;
    return text.replace(/^\[[^\]]*\]/gm, (mark) => this.screen.paint(colourOf(drone), mark));
  }
}

/** Says why processes ended, if it was not by themselves. */
export function noteErrors(exits: readonly ExecExit[], io: Output): void {
  for (const { drone, id, error } of exits) if (error !== undefined) note(io, `[${drone}#${id}] ${error}`);
}

/** Returns the first status that is not 0, else 0. A process that could not be started counts as 1. */
export function exitStatus(failed: number, exits: Pick<ExecExit, 'code' | 'signal' | 'error'>[]): number {
  return (failed > 0 ? [1] : exits.map(statusOf)).find((status) => status !== 0) ?? 0;
}

function statusOf({ code, signal }: Pick<ExecExit, 'code' | 'signal'>): number {
  if (code !== null) return code;
  const number = signal === null ? undefined : constants.signals[signal as NodeJS.Signals];
  return number === undefined ? 1 : 128 + number;
}
