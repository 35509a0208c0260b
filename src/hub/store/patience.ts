/**
 * How long something that asks the engine waits for it: a while, as a leader may be chosen there just now; but those who come
 * while it has been silent for long wait only for one try.
 */
export class Patience {
  private silentSince: number | null = null;

  constructor(
    private readonly mostMs: number,
    private readonly leastMs: number,
  ) {}

  answered(): void {
    this.silentSince = null;
  }

  /** `now` is of performance.now, here and below. */
  unanswered(now: number): void {
    this.silentSince ??= now;
  }

  /** Returns for how long nothing was answered; null if the last thing was. */
  silentMs(now: number): number | null {
    return this.silentSince === null ? null : now - this.silentSince;
  }

  /** Returns until when something that is asked now is asked again. */
  until(now: number): number {
    const silentMs = this.silentMs(now) ?? 0;
    return now + Math.max(Math.min(this.leastMs, this.mostMs), this.mostMs - silentMs);
  }
}
