import { constants } from 'node:os';
import type { ExecChunk, ExecExit, Execution } from '../client/types.ts';
import { LinePrefixer, terminalText } from './exec-lines.ts';
import { type Io, note } from './io.ts';
import { drained } from './printer.ts';
import { colourOf, type Paint, paintFor } from './text.ts';

/** Prints an exec's bytes as they are, and gives how each process ended. */
export async function showRaw(exec: Execution, io: Io): Promise<ExecExit[]> {
  const exits: ExecExit[] = [];
  for await (const item of exec) {
    if ('exited' in item) exits.push(item);
    else if (!io[item.stream].write(item.bytes)) await drained(io[item.stream]);
  }
  return exits;
}

/** Prints an exec's lines as `[DRONE#ID] line`, and gives how each process ended, in that order. */
export async function showLines(exec: Execution, io: Io): Promise<ExecExit[]> {
  const screens = { stdout: new Screen(io.stdout, io.env), stderr: new Screen(io.stderr, io.env) };
  const exits: ExecExit[] = [];
  try {
    for await (const item of exec) {
      if (!('exited' in item)) {
        await screens[item.stream].show(item);
        continue;
      }
      exits.push(item);
      const { drone, id, error } = item;
      await screens.stderr.finish(drone, id);
      await screens.stdout.finish(drone, id);
      if (error !== undefined) note(io, `[${drone}#${id}] ${error}`);
      await screens.stdout.write(`(${drone}#${id} exited)\n`);
    }
  } finally {
    // Where the connection was lost, the begun lines are still something that was said.
    for (const { drone, id } of exec.processes) {
      await screens.stderr.finish(drone, id);
      await screens.stdout.finish(drone, id);
    }
  }
  return exits;
}

/** One of this program's own two streams: lines of many processes, none of them torn. */
class Screen {
  private readonly processes = new Map<string, LinePrefixer>();
  private readonly paint: Paint;

  constructor(
    private readonly stream: NodeJS.WriteStream,
    env: NodeJS.ProcessEnv,
  ) {
    this.paint = paintFor(stream, env);
  }

  async show({ drone, id, bytes }: ExecChunk): Promise<void> {
    const key = `${drone}#${id}`;
    const lines = this.processes.get(key) ?? new LinePrefixer(`[${key}] `);
    this.processes.set(key, lines);
    await this.write(lines.push(bytes), id);
  }

  /** The last line, where it had no newline. */
  async finish(drone: string, id: string): Promise<void> {
    const key = `${drone}#${id}`;
    const last = this.processes.get(key)?.end() ?? '';
    this.processes.delete(key);
    await this.write(last, id);
  }

  /** `text` has a character for each byte. */
  async write(text: string, id?: string): Promise<void> {
    if (text === '') return;
    const { stream } = this;
    const room = stream.isTTY
      ? stream.write(this.painted(terminalText(text), id))
      : stream.write(text, 'latin1');
    if (!room) await drained(stream);
  }

  private painted(text: string, id: string | undefined): string {
    return id === undefined ? text : text.replace(/^\[[^\]]*\]/gm, (mark) => this.paint(colourOf(id), mark));
  }
}

/** The first of the statuses that is not 0; what could not be started counts as 1. */
export function exitStatus(failed: number, exits: Pick<ExecExit, 'code' | 'signal' | 'error'>[]): number {
  return (failed > 0 ? [1] : exits.map(statusOf)).find((status) => status !== 0) ?? 0;
}

function statusOf({ code, signal }: Pick<ExecExit, 'code' | 'signal'>): number {
  if (code !== null) return code;
  const number = signal === null ? undefined : constants.signals[signal as NodeJS.Signals];
  return number === undefined ? 1 : 128 + number;
}
