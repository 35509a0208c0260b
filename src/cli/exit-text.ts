import type { LastExit } from '../protocol/process.ts';

/** Returns how a process ended: `exited` if all is well, `exited 7`, `exited SIGKILL`. */
export function exitText({ code, signal }: Pick<LastExit, 'code' | 'signal'>): string {
  return ['exited', signal ?? (code || [])].flat().join(' ');
}

/** The same for one that is kept running: it may not have started, or nobody may know how it ended. */
export function endText({ code, signal, error }: LastExit): string {
  if (error !== undefined) return `not started: ${error}`;
  return code === null && signal === null ? 'exited, status unknown' : exitText({ code, signal });
}

/** Returns a line about a process, in the form of `fleet exec`. */
export function markLine({ drone, id }: { drone: string; id: string }, what: string): string {
  return `(${drone}#${id} ${what})`;
}
