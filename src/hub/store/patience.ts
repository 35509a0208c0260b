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

  /** Returns until when something that is asked now is asked again. */
  until(now: number): number {
    const silentMs = this.silentSince === null ? 0 : now - this.silentSince;
    return now + Math.max(Math.min(this.leastMs, this.mostMs), this.mostMs - silentMs);
  }
}
