/** How long a hub must have been there until drones go back to it, in milliseconds. */
export interface ReturnTimes {
  /** Between two looks whether it is there; spread by half. */
  lookEvery: number;
  /** From when it was seen first, without a look at which it was away. */
  steadyFor: number;
  /** Each drone waits a random part of this in addition, so that they come one by one. */
  spread: number;
}

export const RETURN_TIMES: ReturnTimes = { lookEvery: 20_000, steadyFor: 120_000, spread: 180_000 };

/** Decides when a drone goes back to the hub that it prefers. All times are in milliseconds, of one clock. */
export class ReturnPlan {
  private since: number | null = null;
  private readonly wait: number;

  constructor(
    private readonly times: ReturnTimes = RETURN_TIMES,
    private readonly random: () => number = Math.random,
  ) {
    this.wait = times.steadyFor + times.spread * random();
  }

  /** Returns how long to wait until the next look. */
  pause(): number {
    return this.times.lookEvery * (0.5 + this.random());
  }

  /** Takes whether the hub was there at `now`. Returns true if it is time to go back. */
  seen(isThere: boolean, now: number): boolean {
    if (!isThere) this.since = null;
    else this.since ??= now;
    return this.since !== null && now - this.since >= this.wait;
  }
}
