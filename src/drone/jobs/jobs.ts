import { EventEmitter } from 'node:events';
import { FleetError } from '../../protocol/errors.ts';
import type { JobReport, JobSpec } from '../../protocol/instance.ts';
import { DEFAULT_GRACE_MS } from '../../protocol/limits.ts';
import { bootId } from '../../system/procfs.ts';
import { ProcessTable } from '../processes/process-table.ts';
import { type Job, type JobRecord, newJobRecord, reportOf } from './job.ts';
import { JobStore } from './job-store.ts';
import { failed, NOBODY_KNOWS, type Outcome } from './outcome.ts';
import { type JobParts, RunningJob } from './running-job.ts';

/** Between checks of adopted jobs, each of which reads a file in /proc. */
const POLL_EVERY_MS = 250;
const MAX_ENDED = 1_000;
const KEEP_ENDED_MS = 7 * 86_400_000;

export interface JobsOptions extends Omit<JobParts, 'store' | 'table' | 'boot' | 'changed' | 'problem'> {
  dir: string;
}

interface JobsEvents {
  /** A job of the hub's has begun or ended. */
  changed: [JobReport];
  /** Something that an operator should know, in one line. */
  problem: [string];
}

/** The commands that run, or have run, once. They outlive the drone, and the next one in the directory adopts them. */
export class Jobs extends EventEmitter<JobsEvents> {
  private readonly parts: JobParts;
  private readonly running = new Map<string, RunningJob>();
  private readonly finished = new Map<string, JobRecord>();
  private poller: NodeJS.Timeout | undefined;

  constructor({ dir, ...options }: JobsOptions) {
    super();
    const problem = (line: string) => void this.emit('problem', line);
    this.parts = {
      ...options,
      store: new JobStore(dir, problem),
      table: new ProcessTable(options.mark),
      boot: bootId(),
      changed: (record) => this.note(record),
      problem,
    };
  }

  /** Adopts the jobs of the previous drone. Throws EIO. */
  adopt(): void {
    for (const record of this.parts.store.load()) {
      const { id } = record.job;
      if (record.outcome) this.finished.set(id, record);
      else this.running.set(id, RunningJob.adopt(this.parts, record));
    }
    this.forgetOld();
    this.poller = setInterval(() => {
      for (const job of this.running.values()) job.poll();
    }, POLL_EVERY_MS).unref();
  }

  /** Starts a job, unless its key was seen before, and returns a report of the job with that key. Throws EIO, EPROTOCOL. */
  start(spec: JobSpec): JobReport {
    const known = this.records().find(({ job }) => job.key === spec.key);
    const record = known ?? this.launch({ ...spec, directory: null }).record;
    return reportOf(record, Date.now());
  }

  /** Starts a build. Resolves once it runs or has failed to start. Throws EIO, EPROTOCOL. */
  async build(job: Job): Promise<void> {
    await this.launch(job).started;
  }

  /** Ends a job as a stop ends a process; does nothing if it does not run. */
  end(key: string): void {
    for (const job of this.running.values())
      if (job.record.job.key === key) void job.end('was stopped', DEFAULT_GRACE_MS);
  }

  /** Returns reports of the hub's jobs, running and ended. */
  reports(): JobReport[] {
    const now = Date.now();
    return this.records().flatMap((record) => (record.job.release === null ? [] : [reportOf(record, now)]));
  }

  /** Returns the jobs that run, including builds. */
  active(): Job[] {
    return [...this.running.values()].map(({ record }) => record.job);
  }

  /** Returns true if the id is that of a job that runs here. */
  isActive(id: string): boolean {
    return this.running.has(id);
  }

  /** Returns true if the id is that of a job here, whether it runs or not. */
  has(id: string): boolean {
    return this.running.has(id) || this.finished.has(id);
  }

  /** Resolves to a job's outcome, once it has ended. */
  outcome(id: string): Promise<Outcome> {
    const job = this.running.get(id);
    return job ? job.ended : Promise.resolve(this.finished.get(id)?.outcome ?? failed(NOBODY_KNOWS));
  }

  /** Returns the state of a job; null if it is unknown. */
  stateOf(id: string): 'running' | 'ok' | 'failed' | null {
    if (this.running.has(id)) return 'running';
    return this.finished.get(id)?.outcome?.state ?? null;
  }

  /** Leaves them to the next drone. */
  handOver(): void {
    clearInterval(this.poller);
    for (const job of this.running.values()) job.handOver();
  }

  /** Ends all that run. */
  async endAll(graceMs: number): Promise<void> {
    await Promise.all(
      [...this.running.values()].map((job) => job.end('was stopped with its drone', graceMs)),
    );
  }

  private records(): JobRecord[] {
    return [...this.finished.values(), ...[...this.running.values()].map(({ record }) => record)];
  }

  private launch(job: Job): RunningJob {
    if (this.has(job.id)) throw new FleetError('EPROTOCOL', `the id ${job.id} is in use`);
    const record = newJobRecord(job, Date.now());
    this.parts.store.write(record);
    const running = RunningJob.start(this.parts, record);
    this.running.set(job.id, running);
    this.report(record);
    return running;
  }

  /** Keeps the record of a job that has ended. */
  private note(record: JobRecord): void {
    const { id } = record.job;
    this.running.delete(id);
    this.finished.set(id, record);
    this.forgetOld();
    this.report(record);
  }

  private report(record: JobRecord): void {
    if (record.job.release !== null) this.emit('changed', reportOf(record, Date.now()));
  }

  private forgetOld(): void {
    const oldest = Date.now() - KEEP_ENDED_MS;
    const byEnd = [...this.finished.values()].sort((a, b) => (b.endedAt ?? 0) - (a.endedAt ?? 0));
    const forgotten = byEnd.filter(({ endedAt }, at) => at >= MAX_ENDED || (endedAt ?? 0) < oldest);
    for (const { job } of forgotten) {
      this.finished.delete(job.id);
      this.parts.store.remove(job.id);
    }
  }
}
