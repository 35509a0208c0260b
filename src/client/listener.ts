import type { CheckedClientAnswers } from '../protocol/client-calls.ts';
import { type EventPlace, placeOf, SAME_WITHIN_MS } from '../protocol/event-place.ts';
import type { Notices } from '../protocol/notices.ts';
import type { Subscription } from './subscription.ts';

/** Events that are recognised when another hub tells of them again. */
const MAX_RECENT = 1_000;
/** From the beginning. */
const BEFORE_ALL: EventPlace = { time: 0, type: 'none', drone: null, id: null };

interface Seen {
  content: string;
  time: number;
}

/** What one listener subscribes to, and how far it has come in the events of whichever hub it is connected to. */
export class Listener implements Subscription {
  readonly events: boolean;
  readonly output: Subscription['output'];
  readonly drones: Subscription['drones'];
  /** The number of the last event that it has seen; null if it has seen none at this hub. */
  since: number | null;
  /** The last event that it has seen. */
  private last: EventPlace | null = null;
  private recent: Seen[] = [];
  /** What it has seen at the hub before, and may be told of again. */
  private before: Seen[] = [];

  /** `hub` is the one whose number `since` is. */
  constructor(
    { events, output, drones, since = null }: Subscription,
    private hub: string | null = null,
  ) {
    this.events = events;
    this.output = output;
    this.drones = drones;
    this.since = since;
  }

  /** What it has seen last, if `since` does not say that. */
  get after(): EventPlace | null {
    return this.since === null ? this.last : null;
  }

  /** Notes which hub it is connected to: numbers of another one say nothing. */
  meets(hub: string): void {
    if (this.hub !== null && this.hub !== hub && this.since !== null) {
      this.since = null;
      this.last ??= BEFORE_ALL;
      this.before = this.recent;
      this.recent = [];
    }
    this.hub = hub;
  }

  /** Takes the answer to a subscription: what was before that, has come. */
  answered({ seq, last }: NonNullable<CheckedClientAnswers['subscribe']>): void {
    this.since = Math.max(seq, this.since ?? 0);
    this.last ??= last ?? null;
  }

  /** Takes an event. Returns false if it has seen that. */
  takes(event: Notices['event']): boolean {
    const { seq = 0, ...rest } = event;
    if (seq !== 0 && seq <= (this.since ?? 0)) return false;
    if (seq !== 0) this.since = seq;
    this.last = placeOf(event);
    const { time, ...content } = rest;
    const seen = { content: JSON.stringify(content), time };
    if (this.recent.push(seen) > MAX_RECENT) this.recent.shift();
    return !this.wasSeen(seen);
  }

  private wasSeen({ content, time }: Seen): boolean {
    const isSame = (one: Seen) => one.content === content && Math.abs(one.time - time) <= SAME_WITHIN_MS;
    const at = this.before.findIndex(isSame);
    if (at >= 0) this.before.splice(at, 1);
    return at >= 0;
  }
}
