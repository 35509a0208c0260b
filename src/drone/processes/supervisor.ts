import { EventEmitter } from 'node:events';
import type { StopResult } from '../../protocol/answers.ts';
import { FleetError, messageOf, type WireError } from '../../protocol/errors.ts';
import type { DroneEvent } from '../../protocol/events.ts';
import type { ProcessReport, ProcessSpec } from '../../protocol/process.ts';
import { BoundedMap } from '../../system/bounded-map.ts';
import { bootId } from '../../system/procfs.ts';
import type { ProcessHook } from './hooks/hook.ts';
import { ProcessTable } from './process-table.ts';
import { newRecord } from './record.ts';
import { RecordStore } from './record-store.ts';
import { SupervisedProcess } from './supervised-process.ts';
import type { Surroundings } from './surroundings.ts';
import { endRun } from './terminate.ts';
import { adoptUnknown, type UnknownProcess } from './unknown-process.ts';

/** Between checks of adopted processes: a system call each. */
const POLL_EVERY_MS = 1_000;
const MAX_STOPPED = 10_000;

export interface SupervisorOptions {
  dir: string;
  /** See `markOf`. */
  mark: string;
  /** The hooks around each start, in this order. */
  hooks: readonly ProcessHook[];
  /** Returns true if the id belongs to something else that runs here: a job, or what an exec has left behind. */
  isKnown?(id: string): boolean;
}

interface SupervisorEvents {
  changed: [ProcessReport];
  gone: [string];
  event: [DroneEvent];
  /** Something that an operator should know, in one line. */
  problem: [string];
}

/** The processes that this drone keeps running. They outlive it: the next drone in the directory adopts them. */
export class Supervisor extends EventEmitter<SupervisorEvents> {
  /** Resolves once nothing runs here without a record; set by `start`. */
  cleared: Promise<unknown> = Promise.resolve();
  private readonly around: Surroundings;
  private readonly isKnown: (id: string) => boolean;
  private readonly processes = new Map<string, SupervisedProcess | UnknownProcess>();
  /** What is gone for good: another request to stop it succeeds. */
  private readonly stopped = new BoundedMap<string, true>(MAX_STOPPED);
  /** Why processes are to be restarted: the ends of their runs say so, too. */
  readonly restartWhys = new Map<string, string>();
  private poller: NodeJS.Timeout | undefined;

  /** Throws EIO if the directory cannot be written. */
  constructor({ dir, mark, hooks, isKnown = () => false }: SupervisorOptions) {
    super();
    this.isKnown = isKnown;
    this.around = {
      store: new RecordStore(dir),
      table: new ProcessTable(mark),
      boot: bootId(),
      hooks,
      restartWhy: (id) => this.restartWhys.get(id) ?? null,
      changed: (report) => this.emit('changed', report),
      gone: (id) => this.remove(id),
      event: (event) => this.emit('event', event),
      problem: (line) => this.emit('problem', line),
    };
  }

  /** Adopts what ran here before, and ends what runs here without a record. Throws EIO. */
  start(): void {
    const { records, unread } = this.around.store.load();
    for (const record of records) {
      this.processes.set(record.spec.id, SupervisedProcess.adopt(this.around, record));
    }
    for (const record of unread) {
      const process = adoptUnknown(record, this.around);
      if (process) this.processes.set(record.id, process);
    }
    this.cleared = this.endOrphans();
    this.poller = setInterval(() => {
      for (const process of this.processes.values()) process.poll();
    }, POLL_EVERY_MS).unref();
  }

  reports(): ProcessReport[] {
    return [...this.processes.values()].map((process) => process.report());
  }

  /**
   * Starts a process and keeps it running; returns its id. A repeated request (with the same key) runs only once, even
   * if the hub gave it another id. Throws ESPAWN, EIO, and whatever the checkout throws: then nothing of it is kept.
   */
  async spawn(spec: ProcessSpec): Promise<string> {
    const process = this.byKey(spec.key) ?? this.promise(spec);
    await process.spawned;
    return process.spec.id;
  }

  /** Ends processes for good, each with everything that it has started. One that is already gone counts as stopped. */
  stop(ids: readonly string[], graceMs: number): Promise<StopResult> {
    return each(ids, async (id) => (this.stopped.has(id) ? false : this.get(id).stop(graceMs)));
  }

  stopAll(graceMs: number): Promise<StopResult> {
    return this.stop([...this.processes.keys()], graceMs);
  }

  /** Ends all processes. The next drone here starts them again. */
  async suspendAll(graceMs: number): Promise<void> {
    const known = [...this.processes.values()].filter((one) => one instanceof SupervisedProcess);
    const results = await Promise.allSettled(known.map((one) => one.suspend(graceMs)));
    for (const [at, result] of results.entries())
      if (result.status === 'rejected')
        this.around.problem(`${known[at]?.spec.id} ${messageOf(result.reason)}`);
  }

  /** Ends processes and starts them at once, under the same ids, with these variables from now on. */
  restart(ids: readonly string[], graceMs: number, env?: Record<string, string>): Promise<StopResult> {
    return each(ids, async (id) => this.get(id).restart(graceMs, env));
  }

  /** Leaves the processes to the next drone. */
  handOver(): void {
    clearInterval(this.poller);
    for (const process of this.processes.values()) process.handOver();
  }

  private get(id: string): SupervisedProcess | UnknownProcess {
    const process = this.processes.get(id);
    if (!process) throw new FleetError('ENOPROCESS', `no process ${id} runs here`);
    return process;
  }

  private byKey(key: string): SupervisedProcess | undefined {
    for (const process of this.processes.values()) {
      if (process instanceof SupervisedProcess && process.spec.key === key) return process;
    }
    return undefined;
  }

  specOf(id: string): ProcessSpec | undefined {
    return this.processes.get(id)?.spec;
  }

  /** Writes the record first, then starts the process: what was acknowledged is never forgotten. */
  private promise(spec: ProcessSpec): SupervisedProcess {
    const { store } = this.around;
    const { id } = spec;
    if (this.processes.has(id) || store.has(id)) {
      throw new FleetError('EPROTOCOL', `the id ${id} is in use`);
    }
    const record = newRecord(spec);
    store.promise(record);
    const process = SupervisedProcess.spawn(this.around, record);
    this.processes.set(id, process);
    this.stopped.delete(id);
    return process;
  }

  private remove(id: string): void {
    this.processes.delete(id);
    this.stopped.set(id, true);
    this.emit('gone', id);
  }

  /**
   * Ends what nobody knows any more: an exec or a git whose drone was killed, or a process that was being stopped then.
   */
  private async endOrphans(): Promise<void> {
    const { table, problem } = this.around;
    const marked = new Set(table.marked().map(({ id }) => id));
    const orphans = [...marked].filter((id) => !this.processes.has(id) && !this.isKnown(id));
    const end = (id: string) =>
      endRun({ id, leader: null, table }, 0).catch((error: unknown) =>
        problem(`what is left over from ${id} ${messageOf(error)}`),
      );
    await Promise.all(orphans.map(end));
  }
}

/** Applies `act` to each process once, and returns the results; `act` resolves to true if SIGKILL was needed. */
async function each(ids: readonly string[], act: (id: string) => Promise<boolean>): Promise<StopResult> {
  const unique = [...new Set(ids)];
  const outcomes = await Promise.allSettled(unique.map(act));
  const result: StopResult = { stopped: [], killed: [], errors: {} };
  for (const [at, outcome] of outcomes.entries()) {
    const id = unique[at] ?? '';
    if (outcome.status === 'fulfilled') result[outcome.value ? 'killed' : 'stopped'].push(id);
    else result.errors[id] = errorOf(outcome.reason);
  }
  return result;
}

function errorOf(error: unknown): WireError {
  return { code: error instanceof FleetError ? error.code : 'EIO', message: messageOf(error) };
}
