import { closeSync } from 'node:fs';
import { messageOf } from '../../protocol/errors.ts';
import { isRefusedByDisk } from '../../system/disk-error.ts';
import { startTime } from '../../system/procfs.ts';
import type { Logs } from '../logs/logs.ts';
import { KEEP_RELEASE_LOG_MS } from '../logs/meta.ts';
import { startChild } from '../processes/child.ts';
import type { Launched } from '../processes/launch.ts';
import type { ProcessTable } from '../processes/process-table.ts';
import { accountFor, commandAs } from '../processes/user.ts';
import { jobEnvironment } from './environment.ts';
import type { Job } from './job.ts';
import type { JobStore } from './job-store.ts';
import { recordingExit } from './outcome.ts';

export interface LaunchParts {
  store: Pick<JobStore, 'exitFile'>;
  table: ProcessTable;
  /** See `bootId`. */
  boot: string;
  logs: Pick<Logs, 'open' | 'endRun' | 'stopped' | 'problem' | 'spare'>;
  /** See `markOf`. */
  mark: string;
  /** Returns the drone's name. */
  name(): string;
  /** Returns the app's checkout, after preparing it if necessary. */
  checkout(job: Job): Promise<string>;
  /** Returns the folder of an app's shared files. */
  shared(app: string): string;
  problem(line: string): void;
}

/**
 * Starts a job in its app's checkout. `checkWanted` is called just before, and throws if the job should no longer start.
 * Throws ESPAWN, EIO, and whatever the checkout throws.
 */
export async function launchJob(
  parts: LaunchParts,
  job: Job,
  checkWanted: () => void,
): Promise<Omit<Launched, 'left'>> {
  const { mark, store, table, boot, logs } = parts;
  const account = await accountFor(job.user);
  // Nothing is awaited between this and the start, or the directory could be replaced.
  const cwd = job.directory ?? (await parts.checkout(job));
  checkWanted();
  const shared = parts.shared(job.app);
  const env = jobEnvironment(job, { drone: parts.name(), mark, cwd, account, shared });
  const command = recordingExit(commandAs(account, job.command), store.exitFile(job.id), logs.spare);
  const output = openLog(parts, job);
  try {
    const { pid, exited } = await startChild({ command, cwd, env, output });
    table.outdated();
    return { run: { pid, started: startTime(pid) ?? 0, boot }, exited };
  } finally {
    if (output !== 'ignore') closeSync(output);
  }
}

/** If the disk is full, its output is lost, but it runs. */
function openLog({ logs }: LaunchParts, job: Job): number | 'ignore' {
  try {
    const { app, release } = job;
    return logs.open({
      ...job,
      keepMs: KEEP_RELEASE_LOG_MS,
      of: { app, release, service: null, slot: null },
    });
  } catch (error) {
    if (!isRefusedByDisk(error)) throw error;
    logs.problem(messageOf(error));
    return 'ignore';
  }
}
