import type { DroneParams } from '../protocol/drone-calls.ts';
import type { DroneEvent } from '../protocol/events.ts';
import { monotonicMs } from '../system/monotonic.ts';
import { randomBytes } from '../system/random.ts';

/** Events kept for a hub. */
const MAX_EVENTS = 1_000;
/** Longer than it takes to notice that a hub is not there any more. */
const TOLD_AGAIN_MS = 60_000;

interface Recent {
  event: DroneParams['event'];
  at: number;
  isTold: boolean;
}

/** What has happened on the drone that no hub knows, or that the next hub may not know. */
export class RecentEvents {
  private events: Recent[] = [];

  constructor(private readonly now: () => number = monotonicMs) {}

  /** Adds an event, which has happened just now. Returns its key. `isTold`: the hub is told of it. */
  add(event: DroneEvent, isTold: boolean): string {
    const key = randomBytes(16).toString('hex');
    if (isTold) this.dropOld();
    this.events.push({ event: { ...event, time: Date.now(), key }, at: this.now(), isTold });
    if (this.events.length > MAX_EVENTS) this.events.shift();
    return key;
  }

  /** Returns what a hub is to be told now, oldest first: what none was told and, if `again`, what the last one may have lost. */
  told(again: boolean): DroneParams['event'][] {
    const due = this.events.filter(({ isTold }) => again || !isTold);
    for (const one of due) one.isTold = true;
    return due.map(({ event }) => event);
  }

  /** The hub may not get any more what it is told. What it was told long before that, it has. */
  left(): void {
    this.dropOld();
  }

  private dropOld(): void {
    const from = this.now() - TOLD_AGAIN_MS;
    this.events = this.events.filter(({ at, isTold }) => !isTold || at > from);
  }
}
