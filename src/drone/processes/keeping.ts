import { closeSync } from 'node:fs';
import type { DroneEvent } from '../../protocol/events.ts';
import type { LastExit, ProcessReport, ProcessSpec } from '../../protocol/process.ts';
import { startTime } from '../../system/procfs.ts';
import { startChild } from './child.ts';
import type { ProcessTable, Run } from './process-table.ts';
import type { RunStates } from './run-state.ts';

/** What keeping a process running takes from the drone around it. */
export interface Keeping {
  states: RunStates;
  table: ProcessTable;
  /** See `bootId`. */
  boot: string;
  /** The directory of a commit. */
  checkout(repo: string, commit: string): Promise<string>;
  environment(spec: ProcessSpec, cwd: string): NodeJS.ProcessEnv;
  /** Opens the log for a run; the caller closes it. */
  openLog(spec: ProcessSpec): number;
  /** A run has ended: its last line is finished, and told before the end is. */
  endLog(id: string): void;
  changed(report: ProcessReport): void;
  event(event: DroneEvent): void;
  problem(line: string): void;
}

/** Starts a process once; `exited` is told when it ends. Rejects with ESPAWN, EIO, or what the checkout fails with. */
export async function startRun(
  keeping: Keeping,
  spec: ProcessSpec,
  exited: (run: Run, exit: LastExit) => void,
): Promise<Run> {
  const cwd = await keeping.checkout(spec.repo, spec.commit);
  const log = keeping.openLog(spec);
  try {
    const env = keeping.environment(spec, cwd);
    const run: Run = { pid: 0, started: 0, boot: keeping.boot };
    run.pid = await startChild({ command: spec.command, cwd, env, log }, (code, signal) =>
      exited(run, { code, signal }),
    );
    keeping.table.outdated();
    run.started = startTime(run.pid) ?? 0;
    return run;
  } finally {
    closeSync(log);
  }
}
