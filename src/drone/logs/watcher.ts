import { type FSWatcher, watch } from 'node:fs';
import { messageOf } from '../../protocol/errors.ts';

/** Between polls while something is being written. */
const BUSY_POLL_MS = 50;
/** Polls without news before it waits for the system's notification again. */
const QUIET_POLLS = 3;
/** Between polls if the system cannot notify. */
const IDLE_POLL_MS = 1_000;

/**
 * Decides when to poll a folder: at once when something is written there, then regularly until all is quiet. While it
 * polls it does not watch: a process that writes a thousand times a second would cost a thousand events.
 */
export class LogWatcher {
  private watcher: FSWatcher | null = null;
  private timer: NodeJS.Timeout | undefined;
  private quiet = 0;
  private closed = false;
  private deaf = false;

  /** `poll` returns whether there was anything new. */
  constructor(
    private readonly folder: string,
    private readonly poll: () => boolean,
    private readonly problem: (line: string) => void,
  ) {}

  start(): void {
    this.wake();
  }

  /** Polls now, and then until all is quiet. */
  wake(): void {
    if (this.closed) return;
    this.unwatch();
    this.quiet = 0;
    if (this.timer === undefined) this.timer = setTimeout(() => this.turn(), 0).unref();
  }

  close(): void {
    this.closed = true;
    clearTimeout(this.timer);
    this.unwatch();
  }

  private turn(): void {
    this.timer = undefined;
    this.quiet = this.poll() ? 0 : this.quiet + 1;
    if (this.closed) return;
    if (this.quiet === QUIET_POLLS && !this.deaf) {
      this.listen();
      // For what was written between the last poll and the watch.
      if (this.poll()) this.wake();
      return;
    }
    this.timer = setTimeout(
      () => this.turn(),
      this.quiet > QUIET_POLLS ? IDLE_POLL_MS : BUSY_POLL_MS,
    ).unref();
  }

  private listen(): void {
    try {
      this.watcher = watch(this.folder, { persistent: false }, () => this.wake());
      this.watcher.on('error', (error) => this.fail(error));
    } catch (error) {
      this.fail(error);
    }
  }

  private fail(error: unknown): void {
    this.unwatch();
    this.deaf = true;
    this.problem(`cannot watch ${this.folder} (${messageOf(error)}): polling it every second instead`);
    this.wake();
  }

  private unwatch(): void {
    this.watcher?.close();
    this.watcher = null;
  }
}
