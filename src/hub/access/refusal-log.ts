import { TokenBucket } from '../../system/token-bucket.ts';

/** Refusals logged in one burst, then per second; the rest is only counted. */
const BURST_LINES = 50;
const LINES_PER_SECOND = 5;

/** Logs refusals line by line while they are few: guesses must not fill the operator's disk. */
export class RefusalLog {
  private readonly bucket: TokenBucket;
  private unlogged = 0;

  constructor(
    private readonly log: (line: string) => void,
    now = performance.now(),
  ) {
    this.bucket = new TokenBucket({ capacity: BURST_LINES, perSecond: LINES_PER_SECOND }, now);
  }

  add(line: string, now = performance.now()): void {
    if (!this.bucket.take(now)) {
      this.unlogged++;
      return;
    }
    if (this.unlogged > 0) this.log(`refused ${this.unlogged} more in between`);
    this.unlogged = 0;
    this.log(line);
  }
}
