export interface TokenBucketOptions {
  /** Tokens that it holds at the most, and at first. */
  capacity: number;
  /** Tokens that come in each second; Infinity for a bucket that is never empty. */
  perSecond: number;
}

/** A rate that allows bursts: what is done costs tokens, and they come back with time. `now` is performance.now. */
export class TokenBucket {
  private tokens: number;
  private last: number;

  constructor(
    private readonly options: TokenBucketOptions,
    now: number,
  ) {
    this.tokens = options.capacity;
    this.last = now;
  }

  /** Takes a token, and returns true, if there is one. */
  take(now: number): boolean {
    this.refill(now);
    if (this.tokens < 1) return false;
    this.tokens--;
    return true;
  }

  /** Takes so many tokens, also those that have yet to come. */
  spend(tokens: number, now: number): void {
    this.refill(now);
    this.tokens -= tokens;
  }

  /** Returns the milliseconds until nothing is owed and there is a token again; 0 if nothing is owed. */
  waitMs(now: number): number {
    this.refill(now);
    return this.tokens >= 0 ? 0 : Math.ceil((1000 * (1 - this.tokens)) / this.options.perSecond);
  }

  private refill(now: number): void {
    if (now <= this.last) return;
    const { capacity, perSecond } = this.options;
    this.tokens = Math.min(capacity, this.tokens + ((now - this.last) / 1000) * perSecond);
    this.last = now;
  }
}
