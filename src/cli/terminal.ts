import type { Execution } from '../client/types.ts';
import type { TerminalSize, TerminalSpec } from '../protocol/terminal.ts';
import type { Input, Output, OwnProcess, Surroundings } from './io.ts';
import { drained } from './printer.ts';
import { TerminalGuard, terminalSettings } from './terminal-guard.ts';
import { TerminalModes } from './terminal-modes.ts';

/** What a command without a window of its own is told. */
const USUAL_SIZE: TerminalSize = { rows: 24, columns: 80 };
const MAX_SIZE = 10_000;
/** Signals that end this program. Ctrl-C is none of them: on a raw terminal it is a byte. */
const ENDING = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'] as const;

/** Returns what the terminal of a command should be like: as the one of this program, if it has one. */
export function terminalOf({ stdout, env }: Pick<Output & Surroundings, 'stdout' | 'env'>): TerminalSpec {
  const term = env['TERM'] ?? '';
  return { ...sizeOf(stdout), term: /^[\w.+-]{1,100}$/.test(term) ? term : 'dumb' };
}

/** Gives the keyboard and the window of this program to a command, and takes them back, whatever happens. */
export class LocalTerminal {
  private readonly modes = new TerminalModes();
  private guard: TerminalGuard | null = null;
  private isRaw = false;
  private toldUndo = '';

  constructor(
    private readonly io: Pick<Input & Output & OwnProcess, 'stdin' | 'stdout' | 'onSignal' | 'dieOf'>,
  ) {}

  /** From now on each key is a byte for the command, and a change of the window's size is passed on. */
  enter(exec: Pick<Execution, 'resize'>, told: TerminalSize): void {
    const { stdin, stdout, onSignal, dieOf } = this.io;
    for (const signal of ENDING)
      onSignal(signal, () => {
        this.leave();
        dieOf(signal);
      });
    const resize = () => void exec.resize(sizeOf(stdout)).catch(() => {});
    stdout.on('resize', resize);
    const { rows, columns } = sizeOf(stdout);
    if (rows !== told.rows || columns !== told.columns) resize();
    if (!stdin.isTTY) return;
    const before = terminalSettings();
    stdin.setRawMode?.(true);
    this.isRaw = true;
    // What Node calls raw still makes a carriage return of each newline, with which full-screen programs move down.
    this.guard = TerminalGuard.start(before, terminalSettings('-opost'));
  }

  /** Writes output of the command. */
  async show(bytes: Buffer): Promise<void> {
    const { stdout } = this.io;
    this.modes.push(bytes);
    const undo = this.modes.undo();
    if (undo !== this.toldUndo) this.guard?.undo(undo);
    this.toldUndo = undo;
    if (!stdout.write(bytes)) await drained(stdout);
  }

  /** The terminal is as it was before. */
  leave(): void {
    const { stdin, stdout } = this.io;
    const undo = this.modes.undo();
    if (undo !== '' && stdout.isTTY) stdout.write(undo);
    this.modes.push(Buffer.from(undo, 'latin1'));
    if (this.isRaw) stdin.setRawMode?.(false);
    this.isRaw = false;
    this.guard?.end();
  }
}

function sizeOf({ rows, columns }: Output['stdout']): TerminalSize {
  if (!rows || !columns) return USUAL_SIZE;
  return { rows: Math.min(rows, MAX_SIZE), columns: Math.min(columns, MAX_SIZE) };
}
