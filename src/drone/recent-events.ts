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
  /** When a hub was last told of it; null if none was. */
  toldAt: number | null;
}

/** What has happened on the drone that no hub knows, or that the next hub may not know. */
export class RecentEvents {
  private events: Recent[] = [];
  /** When the hub was left to which nothing can be told now; null if there is one. */
  private leftAt: number | null = null;

  constructor(private readonly now: () => number = monotonicMs) {}

  /** Adds an event, which has happened just now. Returns its key. `isTold`: the hub is told of it. */
  add(event: DroneEvent, isTold: boolean): string {
    const key = randomBytes(16).toString('hex');
    if (isTold) this.dropOld(this.now());
    this.events.push({ event: { ...event, time: Date.now(), key }, toldAt: isTold ? this.now() : null });
    if (this.events.length > MAX_EVENTS) this.events.shift();
    return key;
  }

  /** Returns what a hub is to be told now, oldest first: what none was told and, if `again`, what the last one may have lost. */
  told(again: boolean): DroneParams['event'][] {
    // What the last one was told long before it was left, it has; one that a drone moves away from is left just now.
    this.dropOld(this.leftAt ?? this.now());
    this.leftAt = null;
    const due = this.events.filter(({ toldAt }) => again || toldAt === null);
    for (const one of due) one.toldAt = this.now();
    return due.map(({ event }) => event);
  }

  /** The hub may not get any more what it is told. */
  left(): void {
    this.leftAt = this.now();
  }

  private dropOld(at: number): void {
    const from = at - TOLD_AGAIN_MS;
    this.events = this.events.filter(({ toldAt }) => toldAt === null || toldAt > from);
  }
}
