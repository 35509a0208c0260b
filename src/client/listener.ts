import type { CheckedClientAnswers } from '../protocol/client-calls.ts';
import {
  type EventPlace,
  isAt,
  isAtAllHubs,
  placeOf,
  SAME_WITHIN_MS,
  toldKey,
} from '../protocol/event-place.ts';
import type { Notices } from '../protocol/notices.ts';
import { BoundedMap } from '../system/bounded-map.ts';
import type { Subscription } from './subscription.ts';

/** Events that are recognised when another hub tells of them again. */
const MAX_RECENT = 1_000;
/** Of those, what another hub is told: it may not have heard of the very last ones. */
const MAX_PLACES = 20;
/** From the beginning. */
const BEFORE_ALL: EventPlace = { time: 0, type: 'none', drone: null, id: null };

interface Seen {
  content: string;
  place: EventPlace;
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
  /** The last event of before it has begun. */
  private first: EventPlace | null = null;
  private seen: Seen[] = [];
  /** What it has seen at the hub before, and may be told of again. */
  private before: Seen[] = [];
  /** The keys of events of drones that it has seen, at whichever hub. */
  private readonly keys = new BoundedMap<string, true>(MAX_RECENT);

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

  /** What it has seen before that, oldest first. */
  get recent(): EventPlace[] {
    if (this.after === null) return [];
    const known = this.before.filter(({ place }) => isAtAllHubs(place));
    return known.slice(-MAX_PLACES).map(({ place }) => place);
  }

  /** Another hub shall tell nothing of before that. */
  get begun(): EventPlace | null {
    return this.after === null ? null : this.first;
  }

  /** Notes which hub it is connected to: numbers of another one say nothing. */
  meets(hub: string): void {
    if (this.hub !== null && this.hub !== hub && this.since !== null) {
      this.since = null;
      this.last ??= BEFORE_ALL;
      this.before = this.seen;
      this.seen = [];
    }
    this.hub = hub;
  }

  /** Takes the answer to a subscription: what was before that, has come. */
  answered({ seq, last }: NonNullable<CheckedClientAnswers['subscribe']>): void {
    if (this.since === null && this.last === null) this.first = last ?? null;
    this.since = Math.max(seq, this.since ?? 0);
    this.last ??= last ?? null;
  }

  /** Takes an event. Returns false if it has seen that. */
  takes(event: Notices['event']): boolean {
    const { seq = 0, ...rest } = event;
    if (seq !== 0 && seq <= (this.since ?? 0)) return false;
    if (seq !== 0) this.since = seq;
    const place = placeOf(event);
    if (isAtAllHubs(event)) this.last = place;
    const { time: _, ...content } = rest;
    const seen = { content: JSON.stringify(content), place };
    if (this.seen.push(seen) > MAX_RECENT) this.seen.shift();
    return !this.wasSeen(seen);
  }

  private wasSeen({ content, place }: Seen): boolean {
    const key = toldKey(place);
    if (key !== null) {
      const isKnown = this.keys.has(key);
      this.keys.set(key, true);
      return isKnown;
    }
    const isSame = (one: Seen) =>
      place.connection === undefined
        ? one.content === content && Math.abs(one.place.time - place.time) <= SAME_WITHIN_MS
        : isAt(one.place, place);
    const at = this.before.findIndex(isSame);
    if (at >= 0) this.before.splice(at, 1);
    return at >= 0;
  }
}
