import { TokenBucket } from '../system/token-bucket.ts';

/** Characters of an answer that count as much as a message: what is asked for costs as well. */
const CHARACTERS_PER_TOKEN = 2048;
/** A burst of so many seconds' worth passes unhindered. */
const BURST_SECONDS = 5;

/** How fast one peer may talk: each message costs a token, and so do so many characters of what it is answered. */
export class MessageRate {
  private readonly bucket: TokenBucket;

  /** `now` is performance.now, here and below; `perSecond` may be Infinity. */
  constructor(perSecond: number, now: number) {
    this.bucket = new TokenBucket({ capacity: BURST_SECONDS * perSecond, perSecond }, now);
  }

  /** Counts a message. Returns the milliseconds until the next one should be read, 0 for at once. */
  take(now: number): number {
    this.bucket.spend(1, now);
    return this.wait(now);
  }

  /** Returns the milliseconds until the next message should be read. */
  wait(now: number): number {
    return this.bucket.waitMs(now);
  }

  /** Counts an answer of so many characters: who asks for much is read more slowly after that. */
  charge(length: number, now: number): void {
    this.bucket.spend(length / CHARACTERS_PER_TOKEN, now);
  }
}
