/** Milliseconds of work for one peer until others have their turn. */
const BITE = 10;

/**
 * Does what one peer asks for in small bites: when that has taken a while, the rest waits until everybody else had a
 * turn. A flood of dear calls in one breath then slows down its sender, and not the others.
 */
export class TimeSlicer<Item> {
  private readonly rest: Item[] = [];
  private spent = 0;
  private resets = false;
  private ended = false;

  constructor(
    private readonly work: (item: Item) => void,
    /** Told when more waits than was done, and when all is done: nothing more should be read in between. */
    private readonly busy: (isBusy: boolean) => void,
  ) {}

  add(item: Item): void {
    if (this.rest.length > 0 || this.spent > BITE) {
      if (this.rest.push(item) === 1) this.busy(true);
      return;
    }
    if (!this.resets) {
      this.resets = true;
      setImmediate(() => this.nextTurn());
    }
    this.take(item);
  }

  /** Does what is left, at once. */
  finish(): void {
    this.ended = true;
    for (const item of this.rest.splice(0)) this.work(item);
  }

  /** Forgets what is left. */
  drop(): void {
    this.ended = true;
    this.rest.length = 0;
  }

  private take(item: Item): void {
    const from = performance.now();
    this.work(item);
    this.spent += performance.now() - from;
  }

  private nextTurn(): void {
    this.resets = false;
    this.spent = 0;
    if (this.ended || this.rest.length === 0) return;
    this.resets = true;
    setImmediate(() => this.nextTurn());
    let done = 0;
    while (done < this.rest.length && this.spent <= BITE) this.take(this.rest[done++] as Item);
    this.rest.splice(0, done);
    if (this.rest.length === 0) this.busy(false);
  }
}
