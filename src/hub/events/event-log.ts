import { EventEmitter } from 'node:events';
import { type EventPlace, isAt, toldKey } from '../../protocol/event-place.ts';
import type { FleetEvent, HubEvent, HubOnlyEvent } from '../../protocol/events.ts';
import type { EventNumbers } from './event-numbers.ts';
import { LastStates } from './last-states.ts';

/** Events kept for clients that come back, and the characters of all of them. */
const MAX_EVENTS = 10_000;
const MAX_CHARACTERS = 8 * 1024 * 1024;

/** Events of other hubs may have come in another order. */
const OVERLAP_MS = 5_000;

/** An event before it has a number; its time is now unless it has one. */
export type NewEvent = (Omit<FleetEvent, 'time'> | HubOnlyEvent) & { time?: number | undefined };

/** The events after a number that are still kept, and how many are not. */
export interface Since {
  events: HubEvent[];
  /** Null if that is not known. */
  missed: number | null;
}

/**
 * Everything that happens at a hub and on its drones, in order and numbered. Listeners get each event as it happens
 * (`event`), and a client that was away resumes after the last number that it has seen.
 */
export class EventLog extends EventEmitter<{ event: [HubEvent] }> {
  private readonly kept: { event: HubEvent; characters: number }[] = [];
  /** Of the events of drones that are kept. */
  private readonly keys = new Set<string>();
  private characters = 0;
  readonly states = new LastStates();

  constructor(
    private readonly numbers: EventNumbers,
    private readonly maxEvents = MAX_EVENTS,
    private readonly maxCharacters = MAX_CHARACTERS,
  ) {
    super();
    this.setMaxListeners(0);
  }

  /** The number of the newest event. */
  get last(): number {
    return this.numbers.last;
  }

  /** Adds an event, unless a drone tells it again. */
  add(event: NewEvent): void {
    const key = toldKey(event);
    if (key !== null && this.keys.has(key)) return;
    if (key !== null) this.keys.add(key);
    const numbered = { ...event, seq: this.numbers.next(), time: event.time ?? Date.now() } as HubEvent;
    const characters = JSON.stringify(numbered).length;
    this.kept.push({ event: numbered, characters });
    this.characters += characters;
    while (this.kept.length > this.maxEvents || this.characters > this.maxCharacters) this.dropOldest();
    this.states.note(numbered);
    this.emit('event', numbered);
  }

  private dropOldest(): void {
    const oldest = this.kept.shift();
    if (!oldest) return;
    this.characters -= oldest.characters;
    const key = toldKey(oldest.event);
    if (key !== null) this.keys.delete(key);
  }

  since(seq: number): Since {
    const events = this.kept.flatMap(({ event }) => (event.seq > seq ? [event] : []));
    const first = events[0]?.seq ?? this.last + 1;
    return { events, missed: Math.max(0, first - seq - 1) };
  }

  /**
   * Returns the events after one that another hub has told of, or of the newest that is there of those before it, and those of
   * about the same time. If none is there, those of a later time. None of before the one at which somebody has begun to listen.
   */
  after(last: EventPlace, recent: readonly EventPlace[] = [], begun: EventPlace | null = null): Since {
    const indexOf = (one: EventPlace) => this.kept.findLastIndex(({ event }) => isAt(one, event));
    const place = [...recent, last].findLast((one) => indexOf(one) >= 0) ?? last;
    const at = indexOf(place);
    // By the clock of this hub, if it has the event.
    const from = at < 0 ? place.time : (this.kept[at]?.event.time ?? place.time) - OVERLAP_MS;
    const first = begun ? indexOf(begun) + 1 : 0;
    const events = this.kept
      .slice(first)
      .flatMap(({ event }, index) => ((at >= 0 && first + index > at) || event.time > from ? [event] : []));
    const reachesBack = at >= 0 || (this.kept[0]?.event.time ?? Number.POSITIVE_INFINITY) <= place.time;
    return { events, missed: reachesBack ? 0 : null };
  }

  /** Returns the newest event that is like this. */
  newest(isMeant: (event: HubEvent) => boolean): HubEvent | undefined {
    return this.kept.findLast(({ event }) => isMeant(event))?.event;
  }
}
