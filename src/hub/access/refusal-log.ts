/** Lines of refusals that are written at once; then so many a second, and the rest is only counted. */
const BURST = 50;
const PER_SECOND = 5;

/** One line for each refusal, as long as they are few: whoever guesses must not fill the operator's disk. */
export class RefusalLog {
  private room = BURST;
  private last = performance.now();
  private unsaid = 0;

  constructor(private readonly log: (line: string) => void) {}

  add(line: string, now = performance.now()): void {
    this.room = Math.min(BURST, this.room + ((now - this.last) / 1000) * PER_SECOND);
    this.last = now;
    if (this.room < 1) {
      this.unsaid++;
      return;
    }
    this.room--;
    if (this.unsaid > 0) this.log(`refused ${this.unsaid} more in between`);
    this.unsaid = 0;
    this.log(line);
  }
}
