import { constants } from 'node:os';
import type { LastExit } from '../../protocol/process.ts';

/** How a job ended; `why` is null if it succeeded. */
export interface Outcome {
  state: 'ok' | 'failed';
  why: string | null;
}

export const NOBODY_KNOWS = 'ended, but nobody knows how';
/** A shell reports a command that a signal has ended as 128 plus the signal's number. */
const SIGNALLED = 128;

/**
 * Runs a command and writes its exit status to a file, atomically. Traps keep the shell alive when the whole group is
 * signalled, so that it can write how the command ended; the command does not inherit them (trap in POSIX sh). If the disk
 * is full, it removes the spare file and tries again. What the shell itself says of the command, such as `Terminated`, is
 * not in its log.
 */
const SCRIPT =
  'f=$1; s=$2; shift 2; trap : HUP INT QUIT TERM; exec 3>&2 2>/dev/null; (exec 2>&3 3>&-; exec "$@"); c=$?; ' +
  'note() { rm -f "$f.new"; (set -C; echo $c >"$f.new") && mv -f "$f.new" "$f"; }; note || { [ -z "$s" ] || rm -f "$s"; note; }; exit $c';

/** Returns a command that runs `command` and writes its exit status to `file`; for `spare` see `spareFile`. */
export function recordingExit(command: readonly string[], file: string, spare: string): string[] {
  return ['/bin/sh', '-c', SCRIPT, 'fleet-job', file, spare, ...command];
}

/**
 * Returns how a job ended. `written` is the content of its exit file, null if there is none; `exit` is how the shell
 * around it ended, null if another drone had started it.
 */
export function outcomeOf(written: string | null, exit: LastExit | null): Outcome {
  const code = written !== null && /^\d+\n$/.test(written) ? Number(written) : null;
  if (code !== null) return ofCode(code);
  if (exit?.signal) return failed(`was ended by ${exit.signal}`);
  return exit?.code === null || exit === null ? failed(NOBODY_KNOWS) : ofCode(exit.code);
}

export function failed(why: string): Outcome {
  return { state: 'failed', why };
}

/** Returns a time as fleet.toml writes it, in the largest unit that needs no fraction: `10m`, `90s`, `500ms`. */
export function timeText(ms: number): string {
  const [unit, length] = UNITS.find(([, length]) => ms > 0 && ms % length === 0) ?? ['ms', 1];
  return `${ms / length}${unit}`;
}

const UNITS: [string, number][] = [
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1_000],
];

function ofCode(code: number): Outcome {
  if (code === 0) return { state: 'ok', why: null };
  const signal = Object.entries(constants.signals).find(([, number]) => number === code - SIGNALLED);
  return failed(signal ? `was ended by ${signal[0]}` : `exited with code ${code}`);
}
