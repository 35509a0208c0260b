import { setTimeout as sleep } from 'node:timers/promises';
import { exists, type Listed } from '../../system/procfs.ts';
import { anyRuns, type ProcessTable, type Run } from './process-table.ts';

/** Milliseconds between looks whether it has ended: quick at first, for most processes are. */
const LOOKS = [5, 10, 20, 40, 50];
/** Milliseconds after which nothing must be seen a second time, to be sure. */
const CERTAIN = 20;
/** Milliseconds that SIGKILL may take: a process in the middle of a slow read of a disk does not end at once. */
const KILL_PATIENCE = 10_000;

/** Milliseconds from SIGTERM to SIGKILL for what a process leaves behind when it ends by itself. */
export const LEFTOVER_GRACE = 500;

export interface Ending {
  id: string;
  /** What was started; null where only the mark is left to go by. */
  leader: Run | null;
  table: ProcessTable;
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
 * Ends a run and all that it has started: SIGTERM, and SIGKILL for what is left after `grace` milliseconds. Gives true
 * where SIGKILL was needed. Rejects when something is left all the same.
 */
export async function endRun(ending: Ending, grace: number): Promise<boolean> {
  ask(ending);
  if (await gone(ending, grace, 'SIGTERM')) return false;
  if (await gone(ending, KILL_PATIENCE, 'SIGKILL')) return true;
  const left = membersOf(ending).map(({ pid }) => pid);
  throw new Error(`does not end, even by SIGKILL: pid ${left.join(', ')}`);
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
      await sleep(Math.min(left, LOOKS[Math.min(look++, LOOKS.length - 1)] ?? 50));
    } while (name === 'SIGTERM' && anyRuns(members));
  }
}

/** In the middle of execve(2) a process shows an empty environment: what was forked just now is seen in a moment. */
async function nothingLeft(ending: Ending): Promise<boolean> {
  if (membersOf(ending).length > 0) return false;
  await sleep(CERTAIN);
  return membersOf(ending).length === 0;
}

/** Where the system has no /proc, the process group is all that can be found. */
function membersOf({ id, leader, table }: Ending): Pick<Listed, 'pid' | 'started'>[] {
  if (process.platform === 'linux') return table.membersOf(id, leader);
  return leader && exists(-leader.pid) ? [{ pid: -leader.pid, started: 0 }] : [];
}
