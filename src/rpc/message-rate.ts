import { TokenBucket } from '../system/token-bucket.ts';

/** This many characters of an answer cost as much as a message: answers have a cost too. */
const CHARACTERS_PER_TOKEN = 2048;
/** A burst of this many seconds' worth passes without delay. */
const BURST_SECONDS = 5;

/** Limits how fast a peer may talk: each message costs a token, and so does a number of characters of its answers. */
export class MessageRate {
  private readonly bucket: TokenBucket;

  /** `now` is of monotonicMs, here and below; `perSecond` may be Infinity. */
  constructor(perSecond: number, now: number) {
    this.bucket = new TokenBucket({ capacity: BURST_SECONDS * perSecond, perSecond }, now);
  }

  /** Counts a message. Returns the milliseconds until the next one should be read, 0 for now. */
  take(now: number): number {
    this.bucket.spend(1, now);
    return this.wait(now);
  }

  /** Returns the milliseconds until the next message should be read. */
  wait(now: number): number {
    return this.bucket.waitMs(now);
  }

  /** Charges for an answer's characters: a peer that asks for a lot is read more slowly afterwards. */
  charge(length: number, now: number): void {
    this.bucket.spend(length / CHARACTERS_PER_TOKEN, now);
  }
}
