/** Characters of an answer that count as much as a message: what is asked for costs as well. */
const PER_TOKEN = 2048;

/**
 * How fast one peer may talk: a bucket of tokens, one for each message, that fills at `perSecond` and holds a second's
 * worth five times over, so that a burst passes unhindered.
 */
export class MessageRate {
  private tokens: number;
  private last: number;

  /** `now` is performance.now, here and below; `perSecond` may be Infinity. */
  constructor(
    private readonly perSecond: number,
    now: number,
  ) {
    this.tokens = 5 * perSecond;
    this.last = now;
  }

  /** Counts a message; gives the milliseconds until the next one should be read, 0 for at once. */
  take(now: number): number {
    this.charge(PER_TOKEN);
    return this.wait(now);
  }

  /** Milliseconds until the next message should be read. */
  wait(now: number): number {
    if (this.perSecond === Number.POSITIVE_INFINITY) return 0;
    const gained = ((now - this.last) / 1000) * this.perSecond;
    this.tokens = Math.min(5 * this.perSecond - 1, this.tokens + gained);
    this.last = now;
    return this.tokens >= 0 ? 0 : Math.ceil((1000 * (1 - this.tokens)) / this.perSecond);
  }

  /** Counts an answer of so many characters: who asks for much is read more slowly after that. */
  charge(length: number): void {
    this.tokens -= length / PER_TOKEN;
  }
}
