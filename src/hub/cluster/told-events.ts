import { FleetError, messageOf } from '../../protocol/errors.ts';
import type { HubEvent } from '../../protocol/events.ts';
import type { HUB_APP_CALLS } from '../../protocol/hub-app-calls.ts';
import type { Handlers } from '../../rpc/calls.ts';
import { randomBytes } from '../../system/random.ts';
import type { EventLog, NewEvent } from '../events/event-log.ts';
import type { OtherHub, OtherHubs } from './other-hubs.ts';

/** Events kept for a hub whose link was interrupted. */
const MAX_EVENTS = 2_000;
/** What only the hub that decides knows; what drones report is known to all. */
const TYPES = new Set(['release', 'build', 'job', 'instance']);

/** How many events a hub has told since it was started, which `start` names. */
interface Place {
  start: string;
  count: number;
}
type Told = Omit<HubEvent, 'seq'>;

/** Events about apps: the hub that decides tells them to the others, and each is in the log of each hub once. */
export class ToldEvents {
  private readonly start = randomBytes(16).toString('hex');
  private count = 0;
  private readonly kept: { count: number; event: Told }[] = [];
  /** Who is told. */
  private readonly followers = new Set<OtherHub>();
  /** By the name of a hub: what it has told last. */
  private readonly heard = new Map<string, Place>();

  constructor(
    private readonly log: EventLog,
    others: OtherHubs,
    private readonly problem: (line: string) => void,
  ) {
    others.on('come', (other) => void this.follow(other));
    others.on('gone', (other) => this.followers.delete(other));
  }

  /** Adds an event of this hub's own. */
  add(event: NewEvent): void {
    const told = { ...event, time: event.time ?? Date.now() } as Told;
    this.log.add(told as NewEvent);
    this.kept.push({ count: ++this.count, event: told });
    if (this.kept.length > MAX_EVENTS) this.kept.shift();
    for (const { calls } of this.followers) calls.notify('app.event', { last: this.place, event: told });
  }

  handlers(other: OtherHub): Pick<Handlers<typeof HUB_APP_CALLS>, 'app.events' | 'app.event'> {
    return {
      'app.events': ({ after }) => {
        this.followers.add(other);
        const missed = after?.start === this.start ? after.count : after ? 0 : this.count;
        return {
          last: this.place,
          events: this.kept.flatMap((one) => (one.count > missed ? [one.event] : [])),
        };
      },
      'app.event': ({ last, event }) => {
        const before = this.heard.get(other.name);
        // It comes beside the answer with those that were missed.
        if (before?.start === last.start && before.count >= last.count) return;
        this.heard.set(other.name, last);
        this.hear(event as unknown as Told);
      },
    };
  }

  private get place(): Place {
    return { start: this.start, count: this.count };
  }

  private async follow(other: OtherHub): Promise<void> {
    const after = this.heard.get(other.name) ?? null;
    try {
      const { last, events } = (await other.calls.call('app.events', { after })).result;
      for (const event of events) this.hear(event as unknown as Told);
      const now = this.heard.get(other.name);
      if (now?.start !== last.start || now.count < last.count) this.heard.set(other.name, last);
    } catch (error) {
      if (!(error instanceof FleetError && error.code === 'ECLOSED'))
        this.problem(`events of ${other.name}: ${messageOf(error)}`);
    }
  }

  /** A hub that takes over tells again what it does not know that it was told. */
  private hear(event: Told): void {
    if (!TYPES.has(event.type)) return;
    const { app, release, state } = event as { app?: string; release?: number; state?: string };
    const isState = event.type === 'release' && state !== 'scaled';
    if (isState && this.log.states.ofRelease(String(app), release ?? 0) === state) return;
    this.log.add(event as NewEvent);
  }
}
