import { type FSWatcher, watch } from 'node:fs';
import { messageOf } from '../../protocol/errors.ts';

/** Milliseconds between looks while something is being written. */
const BUSY = 50;
/** Looks without anything new until it waits for the system's word again. */
const QUIET_LOOKS = 3;
/** Milliseconds between looks where the system gives no word. */
const POLL = 1_000;

/**
 * Says when to look at a folder: at once when something is written there, then regularly until all is quiet. While it
 * looks regularly it does not listen: a process that writes a thousand times a second would cost a thousand events.
 */
export class LogWatcher {
  private watcher: FSWatcher | null = null;
  private timer: NodeJS.Timeout | undefined;
  private quiet = 0;
  private closed = false;
  private deaf = false;

  /** `look` says whether there was anything new. */
  constructor(
    private readonly folder: string,
    private readonly look: () => boolean,
    private readonly problem: (line: string) => void,
  ) {}

  start(): void {
    this.wake();
  }

  /** Looks now, and then until all is quiet. */
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
    this.quiet = this.look() ? 0 : this.quiet + 1;
    if (this.closed) return;
    if (this.quiet === QUIET_LOOKS && !this.deaf) {
      this.listen();
      // What was written between the last look and the listening.
      if (this.look()) this.wake();
      return;
    }
    this.timer = setTimeout(() => this.turn(), this.quiet > QUIET_LOOKS ? POLL : BUSY).unref();
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
    this.problem(`cannot watch ${this.folder} (${messageOf(error)}): looking at it every second instead`);
    this.wake();
  }

  private unwatch(): void {
    this.watcher?.close();
    this.watcher = null;
  }
}
