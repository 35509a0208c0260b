import { exists, type Listed, listProcesses, startTime } from '../../system/procfs.ts';
import { MARK_VARIABLE } from './environment.ts';

/** One start of a process: enough to know it again, and to never mistake another process for it. */
export interface Run {
  pid: number;
  /** Clock ticks since boot, as the system says. */
  started: number;
  /** The boot that this was in. */
  boot: string;
}

export function isSameRun(a: Run, b: Run): boolean {
  return a.pid === b.pid && a.started === b.started && a.boot === b.boot;
}

/** True while that very process runs, and not another one that has got its pid since. */
export function isRunning(run: Run, boot: string): boolean {
  return run.boot === boot && startTime(run.pid) === run.started;
}

/** The machine's processes, with those of this drone known by their mark. Looked at afresh once a turn of the loop. */
export class ProcessTable {
  private listed: Listed[] | null = null;

  constructor(private readonly mark: string) {}

  /** Every process that was started by this drone, by the id that stands in its mark. */
  marked(): { id: string; process: Listed }[] {
    return this.list().flatMap((process) => (process.mark === null ? [] : [{ id: process.mark, process }]));
  }

  /**
   * What belongs to a run: the leader, its session, and all that carry its mark wherever they went. A session number
   * is not given away while somebody is in that session, so the session is ours unless its leader is another process.
   */
  membersOf(id: string, leader: Run | null): Listed[] {
    const list = this.list();
    const stranger = list.some(
      ({ pid, started, mark }) => pid === leader?.pid && started !== leader.started && mark !== id,
    );
    return list.filter(
      ({ session, mark }) => mark === id || (leader !== null && !stranger && session === leader.pid && !mark),
    );
  }

  /** The process that was started under this id and still leads its session; null if there is none. */
  leaderOf(id: string, boot: string): Run | null {
    const leader = this.list().find(({ pid, session, mark }) => mark === id && pid === session);
    return leader ? { pid: leader.pid, started: leader.started, boot } : null;
  }

  /** The process of this id that leads its session or, if that has ended, the oldest one; null if there is none. */
  oldestOf(id: string, boot: string): Run | null {
    const [oldest] = this.list()
      .filter(({ mark }) => mark === id)
      .sort((a, b) => a.started - b.started);
    return this.leaderOf(id, boot) ?? (oldest ? { pid: oldest.pid, started: oldest.started, boot } : null);
  }

  /** A process was started: what was listed in this turn is out of date. */
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

/** True if one of these still runs. */
export function anyRuns(processes: readonly Pick<Listed, 'pid' | 'started'>[]): boolean {
  return processes.some(({ pid, started }) => exists(pid) && startTime(pid) === started);
}
