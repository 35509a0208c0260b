import { MARK_VARIABLE } from '../../protocol/names.ts';
import { environmentOf, exists, type Listed, listProcesses, startTime } from '../../system/procfs.ts';

/** One start of a process: enough to recognise it, and never to mistake another process for it. */
export interface Run {
  pid: number;
  /** Clock ticks since boot, from the system. */
  started: number;
  /** The boot in which it was started. */
  boot: string;
}

export function isSameRun(a: Run, b: Run): boolean {
  return a.pid === b.pid && a.started === b.started && a.boot === b.boot;
}

/** Returns true while exactly that process runs, and not another one that has got its pid since. */
export function isRunning(run: Run, boot: string): boolean {
  return run.boot === boot && startTime(run.pid) === run.started;
}

/** The machine's processes; this drone's are known by their mark. Listed at most once per turn of the event loop. */
export class ProcessTable {
  private listed: Listed[] | null = null;

  constructor(private readonly mark: string) {}

  /** Every process that this drone has started, with the id from its mark. */
  marked(): { id: string; process: Listed }[] {
    return this.list().flatMap((process) => (process.mark === null ? [] : [{ id: process.mark, process }]));
  }

  /**
   * Returns what belongs to a run: the leader, its session, everything that carries its mark, and the children of all
   * these whose mark cannot be seen, because they are another user's. A session number is not reused while somebody is in
   * that session, so the session is ours unless its leader is another process.
   */
  membersOf(id: string, leader: Run | null): Listed[] {
    const list = this.list();
    const stranger = list.some(
      ({ pid, started, mark }) => pid === leader?.pid && started !== leader.started && mark !== id,
    );
    const members = list.filter(
      ({ session, mark }) => mark === id || (leader !== null && !stranger && session === leader.pid && !mark),
    );
    return withHiddenChildren(members, list);
  }

  /** Returns the process that was started under this id and still leads its session; null if there is none. */
  leaderOf(id: string, boot: string): Run | null {
    const leader = this.list().find(({ pid, session, mark }) => mark === id && pid === session);
    return leader ? { pid: leader.pid, started: leader.started, boot } : null;
  }

  /**
   * Returns the process of this id that leads its session or, if that has ended, the oldest one; null if there is none.
   */
  oldestOf(id: string, boot: string): Run | null {
    const [oldest] = this.list()
      .filter(({ mark }) => mark === id)
      .sort((a, b) => a.started - b.started);
    return this.leaderOf(id, boot) ?? (oldest ? { pid: oldest.pid, started: oldest.started, boot } : null);
  }

  /** Discards this turn's list, because a process was started. */
  outdated(): void {
    this.listed = null;
  }

  private list(): Listed[] {
    if (!this.listed) {
      this.listed = listProcesses(`${MARK_VARIABLE}=${this.mark}.`);
      setImmediate(() => {
        this.listed = null;
      });
    }
    return this.listed;
  }
}

/** Adds their children whose environment cannot be read: they, or their parents, have become another user. */
function withHiddenChildren(members: Listed[], list: readonly Listed[]): Listed[] {
  const all = new Map(members.map((member) => [member.pid, member]));
  const unmarked = list.filter(({ mark }) => mark === null);
  // A map yields what is added to it meanwhile.
  for (const { pid } of all.values())
    for (const child of unmarked) if (child.parent === pid && isHidden(child)) all.set(child.pid, child);
  return [...all.values()];
}

function isHidden({ pid }: Listed): boolean {
  return Object.keys(environmentOf(pid)).length === 0;
}

/** Returns true if one of these still runs. */
export function anyRuns(processes: readonly Pick<Listed, 'pid' | 'started'>[]): boolean {
  return processes.some(({ pid, started }) => exists(pid) && startTime(pid) === started);
}
