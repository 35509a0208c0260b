import { setTimeout as sleep } from 'node:timers/promises';
import type { ProcessSpec } from '../../protocol/process.ts';
import { type Launched, type LaunchOptions, launch } from './launch.ts';
import type { Input } from './phases.ts';
import type { Run } from './process-table.ts';
import { endGently, endRun, LEFTOVER_GRACE_MS } from './terminate.ts';

/** How long to wait for the exit event of a process that is gone. */
const EXIT_WAIT_MS = 2_000;

/** Starts and ends the runs of one process, and reports the results. */
export class ProcessRunner {
  private starting = { done: Promise.resolve(), givenUp: new AbortController() };
  private ending = new AbortController();
  /** The last run that this drone has started. */
  private own: Launched | null = null;

  constructor(
    /** Another one counts from the next start on. */
    public spec: ProcessSpec,
    private readonly options: LaunchOptions,
    private readonly tell: (input: Input) => void,
  ) {}

  /** Returns true if this drone has started the run, and so learns when it exits. */
  isOwn(run: Run): boolean {
    return this.own?.run === run;
  }

  start(): void {
    this.launch(async () => {});
  }

  /** Starts it once nothing is left of the previous run, which is found by its leader and its marks. */
  startAfter(leader: Run | null): void {
    this.launch(async (givenUp) => {
      await this.endAll(leader, LEFTOVER_GRACE_MS, givenUp);
    });
  }

  /** Gives up a start or an end in progress, and ends everything; `current` is called once the start has settled. */
  async end(graceMs: number, current: () => { leader: Run | null; live: Run | null }): Promise<void> {
    this.letGo();
    this.ending = new AbortController();
    const { signal } = this.ending;
    try {
      await this.starting.done;
      const { leader, live } = current();
      const killed = await this.endAsWanted(leader, graceMs, signal);
      if (live && this.isOwn(live)) await this.waitForExit();
      signal.throwIfAborted();
      this.tell({ type: 'ended', killed });
    } catch (error) {
      if (!signal.aborted) this.tell({ type: 'end failed', error });
    }
  }

  /** Gives up what is in progress. */
  letGo(): void {
    this.starting.givenUp.abort();
    this.ending.abort();
  }

  private launch(prepare: (givenUp: AbortSignal) => Promise<void>): void {
    const givenUp = new AbortController();
    const done = prepare(givenUp.signal)
      .then(() => launch(this.spec, this.options, givenUp.signal))
      .then(
        (own) => this.launched(own),
        (error: unknown) => this.tell({ type: 'start failed', error }),
      );
    this.starting = { done, givenUp };
  }

  private launched(own: Launched): void {
    const { run, exited, left } = own;
    this.own = own;
    this.tell({ type: 'started', run });
    void exited.then((exit) =>
      this.tell({ type: 'exited', run, exit, ...(exit.code === 0 && { left: left() }) }),
    );
  }

  private endAsWanted(leader: Run | null, graceMs: number, givenUp: AbortSignal): Promise<boolean> {
    const { id, instance } = this.spec;
    const ending = { id, leader, table: this.options.table, givenUp };
    if (!instance) return endRun(ending, graceMs);
    return endGently(ending, instance.stopSignal, graceMs);
  }

  private endAll(leader: Run | null, graceMs: number, givenUp: AbortSignal): Promise<boolean> {
    return endRun({ id: this.spec.id, leader, table: this.options.table, givenUp }, graceMs);
  }

  /** Waits for the exit event, which comes a moment after the process is gone. */
  private async waitForExit(): Promise<void> {
    const waiting = new AbortController();
    const late = sleep(EXIT_WAIT_MS, undefined, { signal: waiting.signal });
    await Promise.race([this.own?.exited, late]);
    waiting.abort();
  }
}
