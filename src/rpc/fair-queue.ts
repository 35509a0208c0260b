import type { Turns, Waiter } from './turns.ts';

export interface FairQueueOptions<Item> {
  turns: Turns;
  /** Whose turn it is. */
  owner: unknown;
  work(item: Item): void;
  /** Called with true if something waits, and with false when nothing does any more: read nothing between. */
  busy(isBusy: boolean): void;
  isHeld(): boolean;
  giveUp(): void;
}

/** What one peer has sent, which is worked off in order, in turn with that of all others. */
export class FairQueue<Item> implements Waiter {
  readonly owner: unknown;
  private readonly rest: Item[] = [];

  constructor(private readonly options: FairQueueOptions<Item>) {
    this.owner = options.owner;
  }

  add(item: Item): void {
    const { turns, work, busy } = this.options;
    if (this.rest.length === 0 && turns.mayGo(this)) return work(item);
    if (this.rest.push(item) > 1) return;
    busy(true);
    turns.join(this);
  }

  isHeld(): boolean {
    return this.options.isHeld();
  }

  step(): boolean {
    const item = this.rest.shift();
    if (item !== undefined) this.options.work(item);
    if (this.rest.length > 0) return true;
    this.options.busy(false);
    return false;
  }

  giveUp(): void {
    this.options.giveUp();
  }

  /** Works off everything that is left, at once. */
  finish(): void {
    this.options.turns.leave(this);
    for (const item of this.rest.splice(0)) this.options.work(item);
  }

  /** Drops what is left. */
  drop(): void {
    this.options.turns.leave(this);
    this.rest.length = 0;
  }
}
