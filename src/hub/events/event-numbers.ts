/** Numbers reserved at a time. */
const BLOCK_SIZE = 10_000;

/**
 * Numbers events: each is one higher than the last, and none is used twice, even across restarts. A block of them is
 * reserved on disk before it is used, so that a new number costs no write.
 */
export class EventNumbers {
  private reserved: number;

  /** `last` is the number up to which they were reserved before; `reserve` records a new one. */
  constructor(
    public last: number,
    private readonly reserve: (upTo: number) => void,
  ) {
    this.reserved = last;
  }

  next(): number {
    this.last++;
    if (this.last + BLOCK_SIZE / 2 > this.reserved) {
      this.reserved = this.last + BLOCK_SIZE;
      this.reserve(this.reserved);
    }
    return this.last;
  }
}
