import { spawnSync } from 'node:child_process';
import type { Execution } from '../client/types.ts';
import type { TerminalSize, TerminalSpec } from '../protocol/terminal.ts';
import type { Input, Output, OwnProcess, Surroundings } from './io.ts';

/** What a command without a window of its own is told. */
const USUAL_SIZE: TerminalSize = { rows: 24, columns: 80 };
/** Signals that end this program, and are not Ctrl-C: on a raw terminal that is a byte. */
const ENDING = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'] as const;

/** Returns what the terminal of a command should be like: as the one of this program, if it has one. */
export function terminalOf({ stdout, env }: Pick<Output & Surroundings, 'stdout' | 'env'>): TerminalSpec {
  const term = env['TERM'] ?? '';
  return { ...sizeOf(stdout), term: /^[\w.+-]{1,100}$/.test(term) ? term : 'dumb' };
}

/** Gives the keyboard and the window of this program to a command, and takes them back, whatever happens. */
export class LocalTerminal {
  private isRaw = false;

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
    stdin.setRawMode?.(true);
    this.isRaw = true;
    // What Node calls raw still makes a carriage return of each newline, with which full-screen programs move down.
    spawnSync('stty', ['-opost'], { stdio: [0, 'ignore', 'ignore'] });
  }

  /** The terminal is as it was before. */
  leave(): void {
    if (!this.isRaw) return;
    this.isRaw = false;
    this.io.stdin.setRawMode?.(false);
  }
}

function sizeOf({ rows, columns }: Output['stdout']): TerminalSize {
  return rows && columns ? { rows, columns } : USUAL_SIZE;
}
