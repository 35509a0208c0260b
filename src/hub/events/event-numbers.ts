/** Numbers that are reserved at once. */
const RESERVED = 10_000;

/**
 * Numbers of events: they ascend by one, and none comes twice, also over restarts. A block of them is reserved on disk
 * before it is used, so that a new number costs no write.
 */
export class EventNumbers {
  private reserved: number;

  /** `last` is what was reserved before; `reserve` writes down that numbers up to this one may be used. */
  constructor(
    public last: number,
    private readonly reserve: (upTo: number) => void,
  ) {
    this.reserved = last;
  }

  next(): number {
    this.last++;
    if (this.last + RESERVED / 2 > this.reserved) {
      this.reserved = this.last + RESERVED;
      this.reserve(this.reserved);
    }
    return this.last;
  }
}
