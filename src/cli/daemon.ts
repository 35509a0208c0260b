import type { Arguments } from './arguments.ts';
import type { OwnProcess } from './io.ts';

/**
 * Takes the secret out of what this machine's `ps` shows of a daemon: from now on it shows the other options only. On
 * Linux and macOS the memory of the arguments is overwritten. `--secret-file` was never there to be seen.
 *
 * And a daemon does its work whether or not somebody can read what it says: the terminal or the log may have gone.
 */
export function becomeDaemon(name: string, args: Arguments, io: OwnProcess): void {
  io.outliveReaders();
  io.setTitle(['fleet', name, ...args.words, ...args.typed(['secret'])].join(' '));
}

/**
 * Memory for a drone, which stands on every machine and has little to compute. V8 keeps young objects in the 2 MB that it
 * begins with (left alone it goes up to 32, and seldom back), and its optimising compiler is never loaded, which is 4 MB:
 * what a drone does with much output, node does in C++.
 */
export function stayLean(io: OwnProcess): Promise<void> {
  return io.setV8Flags(['--semi-space-growth-factor=1', '--no-opt']);
}

/** Resolves at the first of the signals. The next one ends the process at once. */
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
