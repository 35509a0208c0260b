import { constants } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { FleetError } from '../../protocol/errors.ts';
import { childrenOf, commandOf, exists, type Listed } from '../../system/procfs.ts';
import { anyRuns, isRunning, type ProcessTable, type Run } from './process-table.ts';

/** Between checks whether it has ended: short at first, because most processes end quickly. */
const CHECK_EVERY_MS = [5, 10, 20, 40, 50];
/** Before the second check, which confirms that nothing is left. */
const CONFIRM_AFTER_MS = 20;
/** How long SIGKILL may take: a process in the middle of a slow read from a disk does not end at once. */
const KILL_WAIT_MS = 10_000;

/** From SIGTERM to SIGKILL, for what a process leaves behind when it ends by itself. */
export const LEFTOVER_GRACE_MS = 500;

export interface Ending {
  id: string;
  /** The leader of the run; null if only the mark is known. */
  leader: Run | null;
  table: ProcessTable;
  /** Aborts when it should no longer be ended, or somebody else ends it. */
  givenUp?: AbortSignal;
}

/** An end in progress. */
interface Hunt extends Ending {
  /** What has belonged to the run: a child of another user's is not seen to any more once its parent has ended. */
  seen: Map<number, Pick<Listed, 'pid' | 'started'>>;
}

/** Signals a process, or a group if the number is negative. Does nothing if it is already gone. */
export function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // It has just ended, or is not ours to signal: the caller will notice while waiting.
  }
}

/**
 * Ends a run and everything that it has started: SIGTERM, and SIGKILL for what is left after `graceMs`. Returns true if
 * SIGKILL was needed. Throws EIO if something is left even then, and the abort reason if it is given up.
 */
export async function endRun(ending: Ending, graceMs: number): Promise<boolean> {
  ending.givenUp?.throwIfAborted();
  const hunt = { ...ending, seen: new Map() };
  terminate(hunt);
  if (await gone(hunt, graceMs, 'SIGTERM')) return false;
  demandSignallable(membersOf(hunt));
  if (await gone(hunt, KILL_WAIT_MS, 'SIGKILL')) return true;
  const left = membersOf(hunt);
  demandSignallable(left);
  const pids = left.map(({ pid }) => pid);
  throw new FleetError('EIO', `does not end, not even after SIGKILL: pid ${pids.join(', ')}`);
}

/** Throws EIO if all of these are another user's, whose processes only root can end. */
function demandSignallable(left: readonly Pick<Listed, 'pid'>[]): void {
  const pids = left.map(({ pid }) => pid);
  if (pids.length === 0 || !pids.every(isForeign)) return;
  throw new FleetError(
    'EIO',
    `does not end: pid ${pids.join(', ')} belongs to another user, and this drone may not end it; as root: kill ${pids.join(' ')}`,
  );
}

function isForeign(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/**
 * Ends a run as its service wants it: `wanted`, or SIGTERM if this system has no such signal, goes to the process that was started, or to the children of a shell that was
 * started for a command line. When that has ended, or after `graceMs`, the rest ends as in {@link endRun}.
 */
export async function endGently(ending: Ending, wanted: string, graceMs: number): Promise<boolean> {
  const { leader, givenUp } = ending;
  const name = wanted in constants.signals ? (wanted as NodeJS.Signals) : 'SIGTERM';
  const until = performance.now() + graceMs;
  if (leader && isRunning(leader, leader.boot)) {
    givenUp?.throwIfAborted();
    for (const pid of targetsOf(leader.pid)) {
      signal(pid, name);
      signal(pid, 'SIGCONT');
    }
    for (let check = 0; isRunning(leader, leader.boot) && performance.now() < until; check++)
      await pause(ending, CHECK_EVERY_MS[Math.min(check, CHECK_EVERY_MS.length - 1)] ?? 50);
  }
  return endRun(ending, Math.max(0, until - performance.now()));
}

function targetsOf(leader: number): number[] {
  const [file, option] = commandOf(leader);
  const children = file === 'sh' && option === '-c' ? childrenOf(leader) : [];
  return children.length > 0 ? children : [leader];
}

/** Sends SIGTERM, and SIGCONT so that a stopped process receives it. */
function terminate(ending: Hunt): void {
  for (const { pid } of membersOf(ending)) {
    signal(pid, 'SIGTERM');
    signal(pid, 'SIGCONT');
  }
}

/**
 * Returns true once nothing is left. Processes that appear meanwhile are signalled too; SIGKILL is sent at each check.
 */
async function gone(ending: Hunt, waitMs: number, name: 'SIGTERM' | 'SIGKILL'): Promise<boolean> {
  const until = performance.now() + waitMs;
  const signalled = new Set<number>(name === 'SIGTERM' ? membersOf(ending).map(({ pid }) => pid) : []);
  for (let check = 0; ; check++) {
    if (await nothingLeft(ending)) return true;
    const members = membersOf(ending);
    for (const { pid } of members) {
      if (!signalled.has(pid)) signal(pid, name);
      if (name === 'SIGTERM') signalled.add(pid);
    }
    // Checking the few known ones is cheap; the whole machine is listed again only when they are gone.
    do {
      const left = until - performance.now();
      if (left <= 0) return nothingLeft(ending);
      await pause(ending, Math.min(left, CHECK_EVERY_MS[Math.min(check++, CHECK_EVERY_MS.length - 1)] ?? 50));
    } while (name === 'SIGTERM' && anyRuns(members));
  }
}

async function pause({ givenUp }: Ending, ms: number): Promise<void> {
  await sleep(ms, undefined, givenUp && { signal: givenUp });
}

/**
 * Checks twice: in the middle of execve(2) a process shows an empty environment, so one forked just now may be missed.
 */
async function nothingLeft(ending: Hunt): Promise<boolean> {
  if (membersOf(ending).length > 0) return false;
  await pause(ending, CONFIRM_AFTER_MS);
  return membersOf(ending).length === 0;
}

/** Without /proc, only the process group can be found. */
function membersOf({ id, leader, table, seen }: Hunt): Pick<Listed, 'pid' | 'started'>[] {
  if (process.platform === 'linux') {
    for (const member of table.membersOf(id, leader)) seen.set(member.pid, member);
    return [...seen.values()].filter((member) => anyRuns([member]));
  }
  return leader && exists(-leader.pid) ? [{ pid: -leader.pid, started: 0 }] : [];
}
