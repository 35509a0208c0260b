import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '../../protocol/errors.ts';
import type { LastExit, ProcessReport, ProcessSpec } from '../../protocol/process.ts';
import { runningFor } from '../../system/procfs.ts';
import { failuresAfter, respawnDelay } from './backoff.ts';
import { type Keeping, startRun } from './keeping.ts';
import { isRunning, type Run } from './process-table.ts';
import { type RunState, reportOf } from './run-state.ts';
import { endRun, LEFTOVER_GRACE } from './terminate.ts';

/** Milliseconds that the word of a process's end may take. */
const TOLD_LATE = 2_000;

/** One process that the drone keeps running: started again whenever it ends, until it is stopped. */
export class SupervisedProcess {
  private timer: NodeJS.Timeout | undefined;
  /** By performance.now: no change of the clock matters. */
  startedAt = 0;
  respawnAt = 0;
  /** Set while somebody stops or restarts it: its end is then no reason to start it. */
  private held = 0;
  /** It was started by this very drone, which hears of its end; else somebody has to look. */
  private own = false;
  private detached = false;
  private endSeen: (() => void) | undefined;
  /** A start that is under way: whoever ends the process waits for it. */
  private starting: Promise<void> = Promise.resolve();

  constructor(
    private readonly keeping: Keeping,
    readonly state: RunState,
  ) {}

  get spec(): ProcessSpec {
    return this.state.spec;
  }

  report(): ProcessReport {
    return reportOf(this.state, this);
  }

  /** Starts it for the first time. Rejects with ESPAWN, EIO, or what the checkout fails with; nothing runs then. */
  async begin(): Promise<void> {
    const { states } = this.keeping;
    states.promise(this.state);
    try {
      await this.start();
    } catch (error) {
      states.forget(this.state);
      throw error;
    }
  }

  /** What a drone that starts does with a promise of its predecessor: takes the process up, or starts it again. */
  adopt(): void {
    const { table, boot } = this.keeping;
    const { state } = this;
    const run = table.leaderOf(this.spec.id, boot) ?? state.run;
    if (run && isRunning(run, boot)) {
      state.run = run;
      this.startedAt = performance.now() - (runningFor(run.started) ?? 0);
      return;
    }
    const { run: before } = state;
    state.run = null;
    if (!before) return this.respawn(); // It was waiting, or was promised and never started.
    state.failures++;
    state.lastExit = { code: null, signal: null };
    this.keeping.endLog(this.spec.id);
    this.respawn(before.boot === boot ? before : null);
  }

  /** Looks whether a process that was taken up is still there: nobody tells when it ends. */
  look(): void {
    const { run } = this.state;
    if (run && !this.own && !isRunning(run, this.keeping.boot)) this.ended({ code: null, signal: null });
  }

  /** Ends it for good; true where SIGKILL was needed. Rejects where something of it does not end. */
  async stop(grace: number): Promise<boolean> {
    this.state.stopping = true;
    this.note();
    this.held++;
    const killed = await this.end(grace);
    this.keeping.states.forget(this.state);
    return killed;
  }

  /** Ends it and starts it at once, from the same commit; true where SIGKILL was needed. */
  async restart(grace: number): Promise<boolean> {
    this.held++;
    let killed: boolean;
    try {
      killed = await this.end(grace);
    } finally {
      this.held--;
    }
    if (this.held > 0 || this.state.run) return killed;
    this.state.failures = 0;
    this.state.restarts++;
    try {
      await this.start();
    } catch (error) {
      this.failed(error);
      throw error;
    }
    return killed;
  }

  /** Leaves the process alone from now on. */
  detach(): void {
    this.detached = true;
    clearTimeout(this.timer);
  }

  private async end(grace: number): Promise<boolean> {
    clearTimeout(this.timer);
    await this.starting;
    const { run } = this.state;
    const told = new AbortController();
    this.endSeen = () => told.abort();
    const killed = await endRun({ id: this.spec.id, leader: run, table: this.keeping.table }, grace);
    // It is gone; the system tells how it ended a moment later, and only those who started it.
    if (this.state.run && this.own)
      await sleep(TOLD_LATE, undefined, { signal: told.signal }).catch(() => {});
    if (this.state.run) this.ended({ code: null, signal: null });
    return killed;
  }

  private async start(): Promise<void> {
    const { keeping, state } = this;
    state.run = await startRun(keeping, this.spec, (run, exit) => {
      if (state.run === run) this.ended(exit);
    });
    this.own = true;
    this.startedAt = performance.now();
    this.note();
    keeping.event({ type: 'spawned', ...this.named() });
    keeping.changed(this.report());
  }

  private ended(exit: LastExit): void {
    if (this.detached) return;
    const { state, keeping } = this;
    const { run } = state;
    state.failures = failuresAfter(state.failures, performance.now() - this.startedAt);
    state.run = null;
    state.lastExit = exit;
    keeping.endLog(this.spec.id);
    keeping.event({ type: 'exited', ...this.named(), ...exit });
    this.endSeen?.();
    if (this.held > 0) return;
    this.note();
    this.respawnLater(run);
  }

  private failed(error: unknown): void {
    this.state.failures++;
    this.state.lastExit = { code: null, signal: null, error: messageOf(error).slice(0, 1000) };
    this.keeping.event({ type: 'exited', ...this.named(), ...this.state.lastExit });
    this.note();
    this.respawnLater(null);
  }

  private respawnLater(before: Run | null): void {
    if (this.detached || this.held > 0) return;
    const delay = respawnDelay(this.state.failures);
    this.respawnAt = performance.now() + delay;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.respawn(before), delay);
    this.keeping.changed(this.report());
  }

  /** Ends what the last run left behind, and starts the next one. */
  private respawn(before: Run | null = null): void {
    const again = async () => {
      await endRun({ id: this.spec.id, leader: before, table: this.keeping.table }, LEFTOVER_GRACE);
      if (this.detached || this.held > 0 || this.state.run) return;
      if (this.state.lastExit) this.state.restarts++;
      await this.start();
    };
    this.starting = again().catch((error: unknown) => {
      if (!this.detached && this.held === 0) this.failed(error);
    });
  }

  private named() {
    const { key, env, ...named } = this.spec;
    return named;
  }

  private note(): void {
    try {
      this.keeping.states.note(this.state);
    } catch (error) {
      // The process matters more than the note: what is missing in it is found again by the process's mark.
      this.keeping.problem(messageOf(error));
    }
  }
}
