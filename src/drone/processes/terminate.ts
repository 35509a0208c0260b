import { setTimeout as sleep } from 'node:timers/promises';
import { FleetError } from '../../protocol/errors.ts';
import { exists, type Listed } from '../../system/procfs.ts';
import { anyRuns, type ProcessTable, type Run } from './process-table.ts';

/** Between looks whether it has ended: quick at first, for most processes are. */
const LOOKS_MS = [5, 10, 20, 40, 50];
/** Before the second look that confirms that nothing is left. */
const CERTAIN_MS = 20;
/** How long SIGKILL may take: a process in the middle of a slow read from a disk does not end at once. */
const KILL_PATIENCE_MS = 10_000;

/** From SIGTERM to SIGKILL, for what a process leaves behind when it ends by itself. */
export const LEFTOVER_GRACE_MS = 500;

export interface Ending {
  id: string;
  /** What was started; null if only the mark is left to go by. */
  leader: Run | null;
  table: ProcessTable;
  /** Aborts when it is not to be ended any more, or somebody else does that. */
  givenUp?: AbortSignal;
}

/** Signals a process, or a group as a negative number; one that is gone already is no error. */
export function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // Ended a moment ago, or not ours to signal: whoever waits for its end will see.
  }
}

/**
 * Ends a run and all that it has started: SIGTERM, and SIGKILL for what is left after `graceMs`. Returns true if SIGKILL
 * was needed. Rejects with EIO if something is left all the same, and with the reason if it is given up.
 */
export async function endRun(ending: Ending, graceMs: number): Promise<boolean> {
  ending.givenUp?.throwIfAborted();
  ask(ending);
  if (await gone(ending, graceMs, 'SIGTERM')) return false;
  if (await gone(ending, KILL_PATIENCE_MS, 'SIGKILL')) return true;
  const left = membersOf(ending).map(({ pid }) => pid);
  throw new FleetError('EIO', `does not end, even by SIGKILL: pid ${left.join(', ')}`);
}

/** SIGTERM, and SIGCONT so that a stopped process gets it. */
function ask(ending: Ending): void {
  for (const { pid } of membersOf(ending)) {
    signal(pid, 'SIGTERM');
    signal(pid, 'SIGCONT');
  }
}

/** True once nothing is left. Those that appear while it waits get the signal too; SIGKILL goes out at each look. */
async function gone(ending: Ending, patience: number, name: 'SIGTERM' | 'SIGKILL'): Promise<boolean> {
  const until = performance.now() + patience;
  const told = new Set<number>(name === 'SIGTERM' ? membersOf(ending).map(({ pid }) => pid) : []);
  for (let look = 0; ; look++) {
    if (await nothingLeft(ending)) return true;
    const members = membersOf(ending);
    for (const { pid } of members) {
      if (!told.has(pid)) signal(pid, name);
      if (name === 'SIGTERM') told.add(pid);
    }
    // Looking at the few that are known is cheap; only when they are gone the whole machine is looked at again.
    do {
      const left = until - performance.now();
      if (left <= 0) return nothingLeft(ending);
      await pause(ending, Math.min(left, LOOKS_MS[Math.min(look++, LOOKS_MS.length - 1)] ?? 50));
    } while (name === 'SIGTERM' && anyRuns(members));
  }
}

async function pause({ givenUp }: Ending, ms: number): Promise<void> {
  await sleep(ms, undefined, givenUp && { signal: givenUp });
}

/** In the middle of execve(2) a process shows an empty environment: what was forked just now is seen in a moment. */
async function nothingLeft(ending: Ending): Promise<boolean> {
  if (membersOf(ending).length > 0) return false;
  await pause(ending, CERTAIN_MS);
  return membersOf(ending).length === 0;
}

/** On a system without /proc the process group is all that can be found. */
function membersOf({ id, leader, table }: Ending): Pick<Listed, 'pid' | 'started'>[] {
  if (process.platform === 'linux') return table.membersOf(id, leader);
  return leader && exists(-leader.pid) ? [{ pid: -leader.pid, started: 0 }] : [];
}
