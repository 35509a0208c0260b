import { messageOf } from '../../protocol/errors.ts';
import { DEFAULT_GRACE_MS } from '../../protocol/limits.ts';
import type { LastExit } from '../../protocol/process.ts';
import { runningFor } from '../../system/procfs.ts';
import { isRunning, type Run } from '../processes/process-table.ts';
import { endRun, LEFTOVER_GRACE_MS } from '../processes/terminate.ts';
import { ended, type JobRecord } from './job.ts';
import type { JobStore } from './job-store.ts';
import { type LaunchParts, launchJob } from './launch-job.ts';
import { failed, type Outcome, outcomeOf, timeText } from './outcome.ts';

/** The longest that a timer can wait. */
const MAX_TIMER_MS = 2_147_483_647;

/** What a job needs from the drone. */
export interface JobParts extends LaunchParts {
  store: JobStore;
  /** The job has ended. */
  changed(record: JobRecord): void;
}

/** A job from its start or adoption to its end. It is never started a second time. */
export class RunningJob {
  /** Resolves once it runs or has failed to start. */
  started: Promise<void> = Promise.resolve();
  readonly ended: Promise<Outcome>;
  private settle!: (outcome: Outcome) => void;
  private timer: NodeJS.Timeout | undefined;
  private isOwn = false;
  private isFinishing = false;
  private isHandedOver = false;

  private constructor(
    private readonly parts: JobParts,
    private current: JobRecord,
  ) {
    this.ended = new Promise((resolve) => {
      this.settle = resolve;
    });
  }

  /** Starts a job whose record has just been written. */
  static start(parts: JobParts, record: JobRecord): RunningJob {
    const job = new RunningJob(parts, record);
    job.started = job.begin();
    return job;
  }

  /** Adopts a job of a previous drone, which may have ended since. */
  static adopt(parts: JobParts, record: JobRecord): RunningJob {
    const job = new RunningJob(parts, record);
    const run = parts.table.leaderOf(record.job.id, parts.boot) ?? record.run;
    job.current = { ...record, run };
    if (!run || !isRunning(run, parts.boot)) void job.finish(null);
    else if (record.endingWhy !== null) void job.endRun(DEFAULT_GRACE_MS);
    else job.watchTime();
    return job;
  }

  get record(): JobRecord {
    return this.current;
  }

  /** Ends it, with `why` as the reason in its outcome. Resolves once it has ended. */
  async end(why: string, graceMs: number): Promise<void> {
    const { job, endingWhy, outcome } = this.current;
    // If it has just ended by itself, its own exit counts.
    if (outcome === null && endingWhy === null && this.parts.store.readExit(job.id) === null) {
      this.change({ endingWhy: why });
      if (this.current.run) void this.endRun(graceMs);
      else this.close(failed(why));
    }
    await this.ended;
  }

  /** Checks whether an adopted job still runs: nothing notifies us when it exits. */
  poll(): void {
    const { run } = this.current;
    if (run && !this.isOwn && !isRunning(run, this.parts.boot)) void this.finish(null);
  }

  /** Leaves it to the next drone. */
  handOver(): void {
    this.isHandedOver = true;
    clearTimeout(this.timer);
  }

  private async begin(): Promise<void> {
    const { parts } = this;
    try {
      const { run, exited } = await launchJob(parts, this.current.job, () => this.checkWanted());
      // It was ended during its start.
      if (this.current.outcome) {
        await this.endAll(run, 0);
        return;
      }
      this.isOwn = true;
      this.change({ run, startedAt: Date.now() });
      if (this.isHandedOver) return;
      void exited.then((exit) => this.finish(exit));
      this.watchTime();
    } catch (error) {
      if (!this.isHandedOver && !this.current.outcome)
        this.close(failed(`could not be started: ${messageOf(error)}`));
    }
  }

  /** Throws if it should no longer start. */
  private checkWanted(): void {
    if (this.isHandedOver || this.current.outcome) throw new Error('not wanted any more');
  }

  /** Ends it when its time is over. */
  private watchTime(): void {
    const { run, startedAt, job } = this.current;
    const elapsed = (run && runningFor(run.started)) ?? Date.now() - startedAt;
    const left = Math.max(0, job.timeoutMs - elapsed);
    const due = () => {
      if (left > MAX_TIMER_MS) return this.watchTime();
      void this.end(`took longer than ${timeText(job.timeoutMs)}`, DEFAULT_GRACE_MS);
    };
    this.timer = setTimeout(due, Math.min(left, MAX_TIMER_MS)).unref();
  }

  private async endRun(graceMs: number): Promise<void> {
    clearTimeout(this.timer);
    if (await this.endAll(this.current.run, graceMs)) await this.finish(null);
  }

  /** Ends what the command has left behind, after it has ended. */
  private async finish(exit: LastExit | null): Promise<void> {
    if (this.isFinishing || this.isHandedOver) return;
    this.isFinishing = true;
    clearTimeout(this.timer);
    const { job, run, endingWhy } = this.current;
    const written = this.parts.store.readExit(job.id);
    const outcome = endingWhy === null ? outcomeOf(written, exit) : failed(endingWhy);
    await this.endAll(run, LEFTOVER_GRACE_MS);
    if (!this.isHandedOver) this.close(outcome);
  }

  /** Returns true if nothing of it is left. */
  private async endAll(leader: Run | null, graceMs: number): Promise<boolean> {
    const { id } = this.current.job;
    const { table, problem } = this.parts;
    try {
      await endRun({ id, leader, table }, graceMs);
      return true;
    } catch (error) {
      problem(`${id} ${messageOf(error)}`);
      return false;
    }
  }

  /** Writes the outcome to disk before anybody is told. */
  private close(outcome: Outcome): void {
    const { logs, changed } = this.parts;
    const { id } = this.current.job;
    logs.endRun(id);
    logs.stopped(id);
    this.save(ended(this.current, outcome, Date.now()));
    this.settle(outcome);
    changed(this.current);
  }

  private change(change: Partial<JobRecord>): void {
    this.save({ ...this.current, ...change });
  }

  /** A full disk must not end a job. The next drone finds it by its mark, and its exit status in its file. */
  private save(record: JobRecord): void {
    this.current = record;
    try {
      this.parts.store.write(record);
    } catch (error) {
      this.parts.problem(messageOf(error));
    }
  }
}
