export interface TokenBucketOptions {
  /** The most tokens it holds; it starts with as many. */
  capacity: number;
  /** Tokens added per second; Infinity for a bucket that is never empty. */
  perSecond: number;
}

/** A rate limit that allows bursts: actions cost tokens, which come back with time. `now` is in milliseconds that never go back. */
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

  /** Takes a token and returns true, if there is one. */
  take(now: number): boolean {
    this.refill(now);
    if (this.tokens < 1) return false;
    this.tokens--;
    return true;
  }

  /** Takes this many tokens, even if that leaves a debt. */
  spend(tokens: number, now: number): void {
    this.refill(now);
    this.tokens -= tokens;
  }

  /** Returns the milliseconds until the debt is paid and there is a token again; 0 if there is no debt. */
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
