import type { LastExit } from '../protocol/process.ts';

/** Returns how a process ended: `exited` if all is well, `exited 7`, `exited SIGKILL`. */
export function exitText({ code, signal }: Pick<LastExit, 'code' | 'signal'>): string {
  return ['exited', signal ?? (code || [])].flat().join(' ');
}

/** The same for one that is kept running: it may not have started, or nobody may know how it ended. */
export function endText({ code, signal, error }: LastExit): string {
  const isKnown = code !== null || signal !== null;
  if (error !== undefined)
    return isKnown ? `${exitText({ code, signal })}, ${error}` : `not started: ${error}`;
  return isKnown ? exitText({ code, signal }) : 'exited, status unknown';
}

/** Returns `last exit 1`, `last exit SIGKILL`, `last exit unknown` (no drone was there), or why it could not be started. */
export function lastExitText({ code, signal, error }: LastExit): string {
  const status = signal ?? code;
  if (error !== undefined) return status === null ? error : `last exit ${status}, ${error}`;
  return `last exit ${status ?? 'unknown'}`;
}

/** Returns a line about a process, in the form of `fleet exec`. */
export function markLine({ drone, id }: { drone: string; id: string }, what: string): string {
  return `(${drone}#${id} ${what})`;
}
