import { monotonicMs } from '../system/monotonic.ts';

/** How long to work in one turn of the event loop, in milliseconds. */
const BITE_MS = 10;
/** How many things are done between two looks at the network, if they take no time. */
const MAX_STEPS = 64;
/** How often to look whether somebody is still held. */
const LOOK_EVERY_MS = 25;
/** Whoever is held for so long is given up. */
const MAX_HELD_MS = 600_000;

/** Somebody for whom there is something to do. */
export interface Waiter {
  /** All waiters of one owner have the turns of one between them. */
  readonly owner: unknown;
  /** Returns true if nothing may be done for it now. */
  isHeld(): boolean;
  /** Does one thing. Returns true if there is more. */
  step(): boolean;
  giveUp(): void;
}

/**
 * Shares the time of this process among those for whom there is something to do: one thing for each owner, in turn. What
 * follows from one in the queue of promises is done before the next, and after {@link BITE_MS} the network has its turn.
 */
export class Turns {
  /** Owners in the order of their turns, and the waiters of each in theirs. */
  private readonly line = new Map<unknown, Set<Waiter>>();
  /** Since when (monotonicMs). */
  private readonly held = new Map<Waiter, number>();
  private began: number | null = null;
  /** Who had something done at once in this turn of the event loop. */
  private served = new WeakSet<Waiter>();
  private steps = 0;
  private timer: NodeJS.Timeout | undefined;

  /** Returns true if something may be done for somebody at once, instead of in line. */
  mayGo(waiter: Waiter): boolean {
    if (this.line.size > 0 || this.served.has(waiter) || !this.hasTime() || waiter.isHeld()) return false;
    this.served.add(waiter);
    return true;
  }

  /** Does one thing for an owner: at once, or when it is their turn. */
  once(owner: unknown, act: () => void): void {
    const step = () => {
      act();
      return false;
    };
    const waiter: Waiter = { owner, step, isHeld: () => false, giveUp: () => {} };
    if (this.mayGo(waiter)) act();
    else this.join(waiter);
  }

  /** Does what there is to do for somebody, step by step. */
  join(waiter: Waiter): void {
    const ofOwner = this.line.get(waiter.owner) ?? new Set();
    this.line.set(waiter.owner, ofOwner.add(waiter));
    if (this.steps === 0) this.plan();
  }

  leave(waiter: Waiter): void {
    this.held.delete(waiter);
    const ofOwner = this.line.get(waiter.owner);
    ofOwner?.delete(waiter);
    if (ofOwner?.size === 0) this.line.delete(waiter.owner);
  }

  private hasTime(): boolean {
    const now = monotonicMs();
    if (this.began === null) {
      this.began = now;
      setImmediate(() => {
        this.began = null;
        this.served = new WeakSet();
      });
    }
    return now - this.began <= BITE_MS;
  }

  /** Node works off the queue of promises between two of these. */
  private plan(): void {
    this.steps = MAX_STEPS;
    for (let n = 0; n < MAX_STEPS; n++) setImmediate(() => this.step());
  }

  private step(): void {
    this.steps--;
    const waiter = this.hasTime() ? this.next() : undefined;
    if (waiter?.step()) this.join(waiter);
    else if (this.steps === 0 && this.line.size > 0) this.plan();
  }

  /** Takes the first who is not held out of the line; its owner is the last from now on. */
  private next(): Waiter | undefined {
    for (const [owner, waiters] of this.line) {
      this.line.delete(owner);
      for (const waiter of waiters) {
        waiters.delete(waiter);
        if (waiter.isHeld()) {
          this.hold(waiter);
          continue;
        }
        if (waiters.size > 0) this.line.set(owner, waiters);
        return waiter;
      }
    }
    return undefined;
  }

  private hold(waiter: Waiter): void {
    this.held.set(waiter, monotonicMs());
    this.timer ??= setInterval(() => this.look(), LOOK_EVERY_MS).unref();
  }

  private look(): void {
    for (const [waiter, since] of this.held) {
      if (monotonicMs() - since > MAX_HELD_MS) waiter.giveUp();
      if (waiter.isHeld()) continue;
      this.held.delete(waiter);
      this.join(waiter);
    }
    if (this.held.size > 0) return;
    clearInterval(this.timer);
    this.timer = undefined;
  }
}
