import { monotonicMs } from '../../system/monotonic.ts';

/** How long drones have to come back: they redial within five seconds. */
export const REJOIN_WITHIN_MS = 8_000;

/**
 * Waits for the drones that were connected when a hub last ran in this directory, or to another hub that is gone. Until they
 * are back, or have had time for it, nothing should be started or ended: a request repeated after the end of a hub must find
 * the drone that has already served it, and an id must not be reported as unknown because its drone is a moment late.
 */
export class RejoinWindow {
  /** By identity, when it is not waited for any more, by the monotonic clock; in the order of that. */
  private readonly away = new Map<string, number>();
  private end: () => void = () => {};
  private timer: NodeJS.Timeout | undefined;
  private current: Promise<void> = Promise.resolve();

  /** `identities` of the drones to wait for. */
  constructor(
    identities: Iterable<string>,
    private readonly withinMs = REJOIN_WITHIN_MS,
  ) {
    this.expect(identities);
  }

  /** Resolves when all of them are back, or the time is over. */
  get over(): Promise<void> {
    return this.current;
  }

  /** True while some of them are not back. */
  get isOpen(): boolean {
    return this.away.size > 0;
  }

  /** Waits for these, too, from now on. */
  expect(identities: Iterable<string>): void {
    const isOver = !this.isOpen;
    const due = monotonicMs() + this.withinMs;
    for (const identity of identities) {
      this.away.delete(identity);
      this.away.set(identity, due);
    }
    if (!this.isOpen) return;
    if (isOver)
      this.current = new Promise((resolve) => {
        this.end = resolve;
      });
    this.waitForFirst();
  }

  /** Reports that a drone is back. */
  back(identity: string): void {
    if (this.away.delete(identity) && !this.isOpen) this.close();
  }

  /** Waits for nobody any more. */
  close(): void {
    clearTimeout(this.timer);
    this.away.clear();
    this.end();
  }

  /** Each is waited for so long, however many others are later. */
  private waitForFirst(): void {
    clearTimeout(this.timer);
    const [first] = this.away.values();
    if (first === undefined) return this.close();
    const leftMs = Math.max(0, Math.ceil(first - monotonicMs()));
    this.timer = setTimeout(() => this.giveUpDue(), leftMs).unref();
  }

  private giveUpDue(): void {
    const now = monotonicMs();
    for (const [identity, due] of this.away) if (due <= now) this.away.delete(identity);
    this.waitForFirst();
  }
}
