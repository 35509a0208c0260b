import { fstatSync } from 'node:fs';
import type { Arguments } from './arguments.ts';
import { note, type Output, type OwnProcess } from './io.ts';

/**
 * Removes the secret, or an invitation, from the command line that this machine's `ps` shows. On Linux and macOS this overwrites the memory of
 * the arguments.
 *
 * A daemon also goes on if its output can no longer be written, because the terminal or the log is gone.
 */
export function becomeDaemon(name: string, args: Arguments, io: OwnProcess): void {
  io.outliveReaders();
  if (isFile(1)) io.onSignal('SIGHUP', () => {});
  io.setTitle(['fleet', name, ...args.words, ...args.typed(['secret', 'join'])].join(' '));
}

/** Warns if this is the first process of a container: it would have to collect orphans, which Node cannot. */
export function warnAsInit(io: Output, pid = process.pid): void {
  if (pid === 1)
    note(
      io,
      'warning: this is process 1, which has to collect ended orphans, and cannot; start the container with an init, as docker run --init does',
    );
}

/** When a daemon has started, and has joined its hub. */
const STARTED_AFTER_MS = 1_000;

/** Has V8 give back what was needed only to start, soon after that: a tenth of all memory, which it would keep. */
export function giveBackAfterStart(io: OwnProcess): void {
  setTimeout(() => void io.giveBackMemory(), STARTED_AFTER_MS).unref();
}

/**
 * Saves memory on a drone, which runs on every machine and computes little. V8's young generation stays at the 2 MB that it
 * starts with (by default it grows to 32 MB and seldom shrinks), and its optimising compilers, which take 4 MB, are not
 * loaded: with large output, the work is done by node in C++.
 */
export function stayLean(io: OwnProcess): Promise<void> {
  return io.setV8Flags(['--semi-space-growth-factor=1', '--no-opt', '--no-maglev']);
}

/**
 * The signals that end a daemon. If its output goes to a file, as with nohup(1), the end of a terminal is nothing to it:
 * Node resets the signals that nohup has it ignore, so that cannot be seen.
 */
export const ENDING: readonly NodeJS.Signals[] = isFile(1)
  ? ['SIGTERM', 'SIGINT']
  : ['SIGTERM', 'SIGINT', 'SIGHUP'];

function isFile(fd: number): boolean {
  try {
    return fstatSync(fd).isFile();
  } catch {
    return false; // It is closed.
  }
}

/** Resolves at the first of these signals. The next one ends the process at once. */
export function untilSignal(signals: readonly NodeJS.Signals[], io: OwnProcess): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    let asked = false;
    for (const signal of signals) {
      io.onSignal(signal, () => {
        if (asked) io.dieOf(signal);
        asked = true;
        resolve(signal);
      });
    }
  });
}
