import { monotonicMs } from '../system/monotonic.ts';

/** How long to work for one peer before others get a turn, in milliseconds. */
const BITE = 10;

/**
 * Time-slices a peer's messages: after a while the rest wait for the next turn of the event loop, so that a burst of
 * expensive calls delays only its sender.
 */
export class TimeSlicer<Item> {
  private readonly rest: Item[] = [];
  private spent = 0;
  private resets = false;
  private ended = false;

  constructor(
    private readonly work: (item: Item) => void,
    /** Called with true if messages are left for the next turn, and with false when all are done: read none between. */
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

  /** Processes everything that is left, at once. */
  finish(): void {
    this.ended = true;
    for (const item of this.rest.splice(0)) this.work(item);
  }

  /** Drops what is left. */
  drop(): void {
    this.ended = true;
    this.rest.length = 0;
  }

  private take(item: Item): void {
    const from = monotonicMs();
    this.work(item);
    this.spent += monotonicMs() - from;
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
