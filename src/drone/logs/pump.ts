import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { makeLastingPipe, type Pipe } from '../../system/pipes.ts';

/**
 * Copies the pipe to the log until nobody can write to it any more. `cat` ends if the disk is full: then the spare file ($1) of the
 * drone's reserve is removed. What comes is lost until there is room, as it would be without a pipe, and the process goes on. Perl, if there is one, makes the pipe larger
 * (F_SETPIPE_SZ): what does not fit is lost if a Node process exits at once. For root, that is 1 MiB; others have 64 MiB for all their
 * pipes, and beyond that new ones of only 8 KiB (pipe(7), pipe-user-pages-soft).
 */
const COPY = `perl -e 'fcntl STDIN, 1031, $_ and last for $> ? () : 1048576, 262144'; until cat; do [ $? != 127 ] || exit 0; [ ! -e "$1" ] || rm -f "$1"; done`;
/** Before a copier that somebody killed is replaced. */
const REPLACE_AFTER_MS = 100;

/** The way from a process to its log. */
export interface Pump {
  /** The descriptor for the process's output; whoever starts the process closes it then. */
  input: number;
  /** Resolves when all that was written is in the log, because nobody is left who could write. */
  ended: Promise<void>;
}

/**
 * Puts a pipe between a process and its log. A process may open its standard error again, as in `echo >/dev/stderr`: that
 * would empty a file. Two small processes, `sh` and `cat`, copy the pipe to the log. They belong to no drone, so output is
 * written while none runs, and end with their writers. The process never gets SIGPIPE, whatever happens to them. `openLog` opens the log
 * to be appended to; for `spare` see `spareFile`. Throws what that throws, and if there can be no pipe.
 */
export async function startPump(openLog: () => number, spare: string): Promise<Pump> {
  const pipe = await makeLastingPipe();
  try {
    const copier = startCopier(pipe, openLog, spare);
    await new Promise((resolve, reject) => copier.once('spawn', resolve).once('error', reject));
    return { input: pipe.write, ended: copied(copier, pipe, openLog, spare) };
  } catch (error) {
    closeSync(pipe.read);
    closeSync(pipe.write);
    throw error;
  }
}

function startCopier({ read }: Pipe, openLog: () => number, spare: string): ChildProcess {
  const { PATH } = process.env;
  const log = openLog();
  try {
    const copier = spawn('/bin/sh', ['-c', COPY, 'fleet-log', spare], {
      cwd: '/',
      env: { PATH },
      detached: true,
      stdio: [read, log, 'ignore'],
    });
    copier.unref();
    return copier;
  } finally {
    closeSync(log);
  }
}

async function copied(copier: ChildProcess, pipe: Pipe, openLog: () => number, spare: string): Promise<void> {
  let last: ChildProcess = copier;
  try {
    while ((await exitOf(last)) !== 0) {
      await sleep(REPLACE_AFTER_MS, undefined, { ref: false });
      last = startCopier(pipe, openLog, spare);
    }
  } finally {
    closeSync(pipe.read);
  }
}

/** Resolves to the exit status; null if it was killed, or could not be started. */
function exitOf(copier: ChildProcess): Promise<number | null> {
  return new Promise((resolve) => {
    copier.once('exit', resolve).once('error', () => resolve(null));
  });
}
