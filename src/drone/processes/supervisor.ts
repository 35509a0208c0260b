import { EventEmitter } from 'node:events';
import type { StopResult } from '../../protocol/answers.ts';
import { FleetError, messageOf, type WireError } from '../../protocol/errors.ts';
import type { DroneEvent } from '../../protocol/events.ts';
import type { ProcessReport, ProcessSpec } from '../../protocol/process.ts';
import { bootId } from '../../system/procfs.ts';
import { processEnvironment } from './environment.ts';
import type { Keeping } from './keeping.ts';
import { ProcessTable } from './process-table.ts';
import { freshState, RunStates } from './run-state.ts';
import { SupervisedProcess } from './supervised-process.ts';
import { endRun } from './terminate.ts';

/** Milliseconds between looks at processes that a predecessor of this drone started: a system call each. */
const LOOK_EVERY = 1_000;

export interface SupervisorOptions extends Pick<Keeping, 'checkout' | 'openLog' | 'endLog'> {
  dir: string;
  /** See `markOf`. */
  mark: string;
  /** The drone's name, for the processes that start from now on. */
  name(): string;
  /** A process was stopped for good: its log is kept for a while. */
  forgetLog(id: string): void;
}

interface SupervisorEvents {
  changed: [ProcessReport];
  gone: [string];
  event: [DroneEvent];
  /** Something that an operator should know, in one line. */
  problem: [string];
}

/** The processes that this drone keeps running. They outlive it: a drone that starts again takes them up. */
export class Supervisor extends EventEmitter<SupervisorEvents> {
  private readonly kept = new Map<string, SupervisedProcess>();
  private readonly starting = new Map<string, Promise<string>>();
  private readonly keeping: Keeping;
  private watcher: NodeJS.Timeout | undefined;
  /** Settles once nothing runs here that was never promised; from `start` on. */
  cleared: Promise<unknown> = Promise.resolve();

  /** EIO where the directory cannot be written. */
  constructor(private readonly options: SupervisorOptions) {
    super();
    const { dir, mark, name, checkout, openLog, endLog } = options;
    this.keeping = {
      states: new RunStates(dir),
      table: new ProcessTable(mark),
      boot: bootId(),
      checkout,
      openLog,
      endLog,
      environment: (spec, cwd) => processEnvironment(spec, { drone: name(), mark, cwd }),
      changed: (report) => this.emit('changed', report),
      event: (event) => this.emit('event', event),
      problem: (line) => this.emit('problem', line),
    };
  }

  /** Takes up what ran here before, and ends what runs here and was never promised. */
  start(): void {
    const states = this.keeping.states.load((line) => this.emit('problem', line));
    for (const state of states) this.kept.set(state.spec.id, new SupervisedProcess(this.keeping, state));
    this.cleared = this.endOrphans();
    for (const { spec, stopping } of states) {
      this.kept.get(spec.id)?.adopt();
      if (stopping) void this.stop([spec.id], 0);
    }
    this.watcher = setInterval(() => {
      for (const process of this.kept.values()) process.look();
    }, LOOK_EVERY).unref();
  }

  reports(): ProcessReport[] {
    return [...this.kept.values()].map((process) => process.report());
  }

  /**
   * Starts a process and keeps it running; gives its id. The same request (by its key) runs once, whatever id the hub
   * gave it meanwhile. Rejects with ESPAWN, EIO, and what the checkout fails with: then nothing runs.
   */
  async spawn(spec: ProcessSpec): Promise<string> {
    const before = this.starting.get(spec.key) ?? this.byKey(spec.key);
    if (before !== undefined) return before;
    if (this.kept.has(spec.id)) throw new FleetError('EPROTOCOL', `the id ${spec.id} is in use`);
    const process = new SupervisedProcess(this.keeping, freshState(spec));
    this.kept.set(spec.id, process);
    const started = process.begin().then(() => spec.id);
    this.starting.set(spec.key, started);
    try {
      return await started;
    } catch (error) {
      this.kept.delete(spec.id);
      this.options.forgetLog(spec.id);
      this.emit('gone', spec.id);
      throw error;
    } finally {
      this.starting.delete(spec.key);
    }
  }

  /** Ends processes for good, each with all that it started. */
  stop(ids: readonly string[], grace: number): Promise<StopResult> {
    return this.each(ids, async (process) => {
      const killed = await process.stop(grace);
      const { id, repo, commit, command } = process.spec;
      if (this.kept.delete(id)) {
        this.options.forgetLog(id);
        this.emit('event', { type: 'stopped', id, repo, commit, command });
        this.emit('gone', id);
      }
      return killed;
    });
  }

  /** Ends processes and starts them at once, under the same id. */
  restart(ids: readonly string[], grace: number): Promise<StopResult> {
    return this.each(ids, (process) => process.restart(grace));
  }

  /** Leaves the processes to whoever comes next. */
  detach(): void {
    clearInterval(this.watcher);
    for (const process of this.kept.values()) process.detach();
  }

  private async each(
    ids: readonly string[],
    act: (process: SupervisedProcess) => Promise<boolean>,
  ): Promise<StopResult> {
    const stopped: string[] = [];
    const killed: string[] = [];
    const errors: Record<string, WireError> = {};
    await Promise.all(
      [...new Set(ids)].map(async (id) => {
        const process = this.kept.get(id);
        if (!process) {
          errors[id] = { code: 'ENOPROCESS', message: `no process ${id} runs here` };
          return;
        }
        try {
          // One that is just being started is first let start, or fail.
          await this.starting.get(process.spec.key)?.catch(() => {});
          ((await act(process)) ? killed : stopped).push(id);
        } catch (error) {
          const code = error instanceof FleetError ? error.code : 'EIO';
          errors[id] = { code, message: messageOf(error) };
        }
      }),
    );
    const inOrder = (done: string[]) => ids.filter((id, at) => done.includes(id) && ids.indexOf(id) === at);
    return { stopped: inOrder(stopped), killed: inOrder(killed), errors };
  }

  private byKey(key: string): string | undefined {
    for (const { spec } of this.kept.values()) if (spec.key === key) return spec.id;
    return undefined;
  }

  /** An exec or a git whose drone was killed, a process that was stopped just then: nobody knows it, so it must not run. */
  private endOrphans(): Promise<unknown> {
    const { table } = this.keeping;
    const ids = new Set(table.marked().map(({ id }) => id));
    const strangers = [...ids].filter((id) => !this.kept.has(id));
    return Promise.all(
      strangers.map((id) =>
        endRun({ id, leader: null, table }, 0).catch((error: unknown) =>
          this.emit('problem', `a process left over from ${id} ${messageOf(error)}`),
        ),
      ),
    );
  }
}
