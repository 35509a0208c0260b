import { readdirSync, readFileSync } from 'node:fs';

/** Clock ticks of a second (USER_HZ) on every Linux that Node runs on: see proc(5). */
const TICKS_PER_SECOND = 100;
/** On most machines; others have pages of 16 or 64 KiB. */
const USUAL_PAGE_BYTES = 4096;

let knownPageBytes: number | undefined;

/** What a process and everything that it has started have used. */
export interface Usage {
  /** Processor time so far, in seconds; what has ended since does not count. */
  cpuSeconds: number;
  /** What is in memory now. What several of the processes share counts for each of them. */
  memoryBytes: number;
}

interface Stat {
  pid: number;
  parent: number;
  session: number;
  ticks: number;
  pages: number;
}

/** Returns what each of these processes uses with its tree, from one pass over /proc; nothing without /proc. */
export function usageOf(leaders: Iterable<number>): Map<number, Usage> {
  return sumUp(readStats(), leaders, pageBytes());
}

/** Adds up what belongs to each leader: its session, and its descendants in other sessions. */
export function sumUp(
  stats: readonly Stat[],
  leaders: Iterable<number>,
  pageBytes: number,
): Map<number, Usage> {
  const byPid = new Map(stats.map((stat) => [stat.pid, stat]));
  const sums = new Map(
    [...leaders].flatMap((pid) => (byPid.has(pid) ? [[pid, { ticks: 0, pages: 0 }]] : [])),
  );
  for (const stat of stats) {
    const leader = leaderOf(stat, byPid, sums);
    const sum = leader === null ? undefined : sums.get(leader);
    if (!sum) continue;
    sum.ticks += stat.ticks;
    sum.pages += stat.pages;
  }
  const usages = [...sums].map(([pid, { ticks, pages }]): [number, Usage] => [
    pid,
    { cpuSeconds: ticks / TICKS_PER_SECOND, memoryBytes: pages * pageBytes },
  ]);
  return new Map(usages);
}

function leaderOf(
  stat: Stat,
  byPid: ReadonlyMap<number, Stat>,
  leaders: { has(pid: number): boolean },
): number | null {
  const seen = new Set<number>();
  for (let one: Stat | undefined = stat; one && !seen.has(one.pid); one = byPid.get(one.parent)) {
    seen.add(one.pid);
    if (leaders.has(one.pid)) return one.pid;
    if (leaders.has(one.session)) return one.session;
  }
  return null;
}

/** Returns the bytes of a page of memory on this machine. */
function pageBytes(): number {
  knownPageBytes ??= parsePageBytes(ownMappings());
  return knownPageBytes;
}

function ownMappings(): string {
  try {
    return readFileSync('/proc/self/smaps', 'latin1');
  } catch {
    return '';
  }
}

/** Parses the size of a page in bytes from /proc/PID/smaps (proc(5)). */
export function parsePageBytes(smaps: string): number {
  const [, kilobytes] = /^KernelPageSize:\s*(\d+) kB$/m.exec(smaps) ?? [];
  return kilobytes === undefined ? USUAL_PAGE_BYTES : Number(kilobytes) * 1024;
}

function readStats(): Stat[] {
  let pids: string[];
  try {
    pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  } catch {
    return [];
  }
  return pids.flatMap((pid) => {
    try {
      return parseStat(readFileSync(`/proc/${pid}/stat`, 'latin1'));
    } catch {
      return []; // It has just ended.
    }
  });
}

/** Parses /proc/PID/stat (proc(5)). The name in it may contain anything. */
export function parseStat(text: string): Stat {
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const field = (number: number) => Number(fields[number - 3]);
  return {
    pid: Number.parseInt(text, 10),
    parent: field(4),
    session: field(6),
    ticks: field(14) + field(15),
    pages: field(24),
  };
}
