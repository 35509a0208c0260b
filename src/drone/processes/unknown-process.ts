import { FleetError, messageOf } from '../../protocol/errors.ts';
import { COMMIT_PATTERN, isName } from '../../protocol/names.ts';
import type { LastExit, ProcessReport, ProcessSpec } from '../../protocol/process.ts';
import { commandOf, environmentOf, runningFor } from '../../system/procfs.ts';
import { isRunning, type Run } from './process-table.ts';
import type { UnreadRecord } from './record-store.ts';
import type { Surroundings } from './surroundings.ts';
import { endRun } from './terminate.ts';

const MAX_WORDS = 10_000;
/** The exit of a process whose parent was another drone. */
const UNKNOWN_EXIT: LastExit = { code: null, signal: null };

/**
 * A process whose record cannot be read. Only that it runs is certain, so it is left running. It is shown with what the
 * system knows about it and can be stopped, but not started again.
 */
export class UnknownProcess {
  readonly spec: ProcessSpec;
  private readonly givenUp = new AbortController();
  private stops = 0;
  private over = false;

  /** `run` is the running process of this id. */
  constructor(
    private readonly around: Surroundings,
    private readonly record: UnreadRecord,
    private run: Run,
  ) {
    this.spec = specOf(record.id, run.pid);
  }

  report(): ProcessReport {
    const { id, key, repo, commit, command } = this.spec;
    const { pid, started } = this.run;
    return {
      ...{ id, key, repo, commit, command, pid },
      status: 'unknown',
      restarts: 0,
      lastExit: null,
      uptime: Math.round(runningFor(started) ?? 0),
      respawnIn: 0,
    };
  }

  /** Ends it for good. Resolves to true if SIGKILL was needed. Throws EIO if some of it does not end. */
  async stop(graceMs: number): Promise<boolean> {
    const { store, table } = this.around;
    this.stops++;
    try {
      const ending = { id: this.spec.id, leader: this.run, table, givenUp: this.givenUp.signal };
      const killed = await endRun(ending, graceMs);
      store.forget(this.spec.id);
      this.finish(true);
      return killed;
    } finally {
      this.stops--;
    }
  }

  /** Always throws ECONFIG. */
  async restart(): Promise<never> {
    const { id, path } = this.record;
    throw new FleetError(
      'ECONFIG',
      `it cannot be started again, because ${path} cannot be understood; fleet stop ${id}, and spawn it again`,
    );
  }

  /** Leaves it to the next drone. */
  handOver(): void {
    this.over = true;
    this.givenUp.abort();
  }

  /** Checks whether some of it still runs. */
  poll(): void {
    const { table, boot, problem } = this.around;
    if (this.over || this.stops > 0 || isRunning(this.run, boot)) return;
    const left = table.oldestOf(this.spec.id, boot);
    if (left) {
      this.run = left;
      return;
    }
    problem(
      `the process ${this.spec.id} has ended and is not started again: ${setAside(this.record, this.around)}`,
    );
    this.finish(false);
  }

  private finish(stopped: boolean): void {
    if (this.over) return;
    this.over = true;
    const { hooks, event, gone } = this.around;
    const { id, repo, commit, command } = this.spec;
    for (const hook of hooks) hook.afterExit?.(this.spec, UNKNOWN_EXIT);
    event({ type: 'exited', id, repo, commit, command, ...UNKNOWN_EXIT });
    for (const hook of hooks) hook.afterStop?.(this.spec);
    if (stopped) event({ type: 'stopped', id, repo, commit, command });
    gone(id);
  }
}

/**
 * Adopts a process whose record cannot be read, if it runs. Otherwise nothing can be done: a damaged record is put
 * aside, and one that another version may read is left where it is.
 */
export function adoptUnknown(record: UnreadRecord, around: Surroundings): UnknownProcess | null {
  const { id, path, error } = record;
  const run = around.table.oldestOf(id, around.boot);
  if (!run) {
    around.problem(`the process ${id} is not started: ${setAside(record, around)}`);
    return null;
  }
  around.problem(
    `${path} cannot be understood (${error.message}): its process ${id} is left running, as unknown`,
  );
  return new UnknownProcess(around, record, run);
}

/** Returns what is wrong with the record, and where it is now. */
function setAside({ id, path, error }: UnreadRecord, { store }: Surroundings): string {
  const why = `${path} cannot be understood (${error.message})`;
  if (!error.damaged) return why;
  try {
    return `${why}; it is kept as ${store.putAside(id)}`;
  } catch (failed) {
    return `${why}; ${messageOf(failed)}`;
  }
}

/** What the system knows about a process: its command line, and the environment that fleet gave it. */
function specOf(id: string, pid: number): ProcessSpec {
  const words = commandOf(pid).slice(0, MAX_WORDS);
  const { REPO = '', COMMIT = '' } = environmentOf(pid);
  return {
    id,
    key: id.padEnd(32, '0'),
    repo: isName(REPO) ? REPO : 'unknown',
    commit: COMMIT_PATTERN.test(COMMIT) ? COMMIT : '0'.repeat(40),
    command: words.length > 0 ? words : ['unknown'],
    env: {},
  };
}
