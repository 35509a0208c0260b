import { messageOf } from '../../protocol/errors.ts';
import type { ProcessReport, ProcessSpec } from '../../protocol/process.ts';
import { runningFor } from '../../system/procfs.ts';
import { adopted, promised, step } from './machine.ts';
import type { Asked, Effect, Input, State, Step } from './phases.ts';
import { leaderOf, liveRun, momentOf } from './phases.ts';
import { ProcessRunner } from './process-runner.ts';
import { isRunning } from './process-table.ts';
import { isMoreChanged, type ProcessRecord, updated, withEnv } from './record.ts';
import { reportOf } from './report.ts';
import type { Surroundings } from './surroundings.ts';
import { Waiters } from './waiters.ts';

/**
 * A process that the drone keeps running: started again whenever it ends, until it is stopped. The machine decides
 * (machine.ts); this performs its effects, and feeds it what happens.
 */
export class SupervisedProcess {
  /** Settles with the first start. Rejects with ESPAWN, or with what a hook throws: then nothing of it is kept. */
  spawned: Promise<unknown> = Promise.resolve();
  private state: State;
  private readonly inputs: Input[] = [];
  private readonly waiters = new Waiters();
  private readonly runner: ProcessRunner;
  private timer: NodeJS.Timeout | undefined;

  private constructor(
    private readonly around: Surroundings,
    private record: ProcessRecord,
    begin: Step,
  ) {
    this.runner = new ProcessRunner(record.spec, around, (input) => this.feed(input));
    this.state = begin.state;
    for (const effect of begin.effects) this.attempt(effect);
  }

  /** Starts a process whose record has just been written. */
  static spawn(around: Surroundings, record: ProcessRecord): SupervisedProcess {
    const process = new SupervisedProcess(around, record, promised());
    process.spawned = process.waiters.answerTo('spawn');
    return process;
  }

  /** Adopts what a previous drone has left: the process if it runs, or else its next start. */
  static adopt(around: Surroundings, record: ProcessRecord): SupervisedProcess {
    const { table, boot } = around;
    const now = performance.now();
    const run = table.leaderOf(record.spec.id, boot) ?? record.run;
    const alive = run && isRunning(run, boot) ? { run, since: now - (runningFor(run.started) ?? 0) } : null;
    const found = { ...momentOf(record.spec, null), boot, origin: performance.timeOrigin };
    return new SupervisedProcess(around, record, adopted(record, alive, found));
  }

  get spec(): ProcessSpec {
    return this.record.spec;
  }

  report(): ProcessReport {
    return reportOf(this.spec, this.state);
  }

  /** Ends it for good. Resolves to true if SIGKILL was needed. Throws EIO if some of it does not end. */
  stop(graceMs: number): Promise<boolean> {
    return this.ask({ type: 'stop', graceMs });
  }

  /**
   * Ends it and starts it at once, with these variables from now on. Resolves to true if SIGKILL was needed. Throws EIO if some
   * of it does not end, ENOPROCESS if it is stopped meanwhile, and whatever the start throws.
   */
  restart(graceMs: number, env: Record<string, string> = {}): Promise<boolean> {
    if (Object.keys(env).length > 0) {
      this.record = this.around.store.change(withEnv(this.record, env));
      this.runner.spec = this.spec;
    }
    return this.ask({ type: 'restart', graceMs: this.spec.instance?.graceMs ?? graceMs });
  }

  /** Ends it, and leaves its next start to the next drone. Throws EIO if some of it does not end. */
  suspend(graceMs: number): Promise<boolean> {
    return this.ask({ type: 'suspend', graceMs: this.spec.instance?.graceMs ?? graceMs });
  }

  /** Leaves the process to the next drone. */
  handOver = () => this.feed({ type: 'hand over' });

  /** Checks whether an adopted process still exists: nothing notifies us when it exits. */
  poll(): void {
    const run = liveRun(this.state.phase);
    if (!run || this.runner.isOwn(run) || isRunning(run, this.around.boot)) return;
    this.feed({ type: 'exited', run, exit: { code: null, signal: null } });
  }

  private ask(asked: Asked): Promise<boolean> {
    const answer = this.waiters.answerTo(asked.type);
    this.feed(asked);
    return answer;
  }

  /** Handles inputs one after the other: one that comes from an effect waits for the other effects of its step. */
  private feed(input: Input): void {
    if (this.inputs.push(input) > 1) return;
    for (let next: Input | undefined = input; next; next = this.inputs[0]) {
      const moment = momentOf(this.spec, this.around.restartWhy(this.spec.id));
      const { state, effects } = step(this.state, next, moment);
      // A timer belongs to the phase that has requested it.
      if (state.phase !== this.state.phase) clearTimeout(this.timer);
      this.state = state;
      for (const effect of effects) this.attempt(effect);
      this.inputs.shift();
    }
  }

  /** Performs an effect. If it fails, such as in a hook, the effects after it are still performed. */
  private attempt(effect: Effect): void {
    try {
      this.perform(effect);
    } catch (error) {
      this.around.problem(`${this.spec.id}: ${effect.do}: ${messageOf(error)}`);
    }
  }

  private perform(effect: Effect): void {
    const { around, runner, spec } = this;
    const { phase } = this.state;
    switch (effect.do) {
      case 'start':
        return effect.clean ? runner.startAfter(leaderOf(phase)) : runner.start();
      case 'end':
        return void runner.end(effect.graceMs, () => ({
          leader: leaderOf(this.state.phase),
          live: liveRun(this.state.phase),
        }));
      case 'let go':
        return runner.letGo();
      case 'save':
        return this.save();
      case 'forget':
        return this.forget();
      case 'wake':
        this.timer = setTimeout(() => this.feed({ type: 'due' }), effect.inMs);
        return;
      case 'hooks':
        return this.runHooks(effect.after);
      case 'report':
        return phase.is === 'gone' ? around.gone(spec.id) : around.changed(this.report());
      case 'tell': {
        const { id, repo, commit, command } = spec;
        return around.event({ ...effect.event, id, repo, commit, command });
      }
      case 'answer':
        return this.waiters.answer(effect.to, effect.killed);
      case 'refuse':
        return this.waiters.refuse(effect.to, effect.why);
    }
  }

  private save(): void {
    const { store } = this.around;
    const next = updated(this.record, this.state);
    try {
      if (isMoreChanged(this.record, next)) store.saveMore(next);
      store.save(next);
      this.record = next;
    } catch (error) {
      // The process matters more than its record: what is missing there is found again by the process's mark.
      this.around.problem(messageOf(error));
    }
  }

  private forget(): void {
    try {
      this.around.store.forget(this.spec.id);
      this.feed({ type: 'forgotten' });
    } catch (error) {
      this.around.problem(messageOf(error));
      this.feed({ type: 'end failed', error });
    }
  }

  private runHooks(after: 'exit' | 'stop'): void {
    const { lastExit } = this.state;
    for (const hook of this.around.hooks) {
      if (after === 'stop') hook.afterStop?.(this.spec);
      else if (lastExit) hook.afterExit?.(this.spec, lastExit);
    }
  }
}
