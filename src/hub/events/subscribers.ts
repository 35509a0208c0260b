import type { CheckedClientParams } from '../../protocol/client-calls.ts';
import { type EventPlace, isAtAllHubs, placeOf } from '../../protocol/event-place.ts';
import type { HubEvent, Interest, OutputPiece } from '../../protocol/events.ts';
import { union, wanting, within } from '../../protocol/interest.ts';
import { MAX_BUFFERED_BYTES } from '../../protocol/limits.ts';
import { countNewlines } from '../../system/lines.ts';
import { seesDrone } from '../access/limits.ts';
import type { ClientSession } from '../client-session.ts';
import type { DroneDirectory } from '../drones/directory.ts';
import type { Drone, DroneConnection } from '../drones/drone.ts';
import { behindOf } from './behind.ts';
import type { EventLog, Since } from './event-log.ts';
import { maySee, seesOutput } from './may-see.ts';
import { mustBeFew, takeable } from './watched.ts';

/** What one client has subscribed to. */
export interface Subscription {
  events: boolean;
  output: Interest | null;
  /** Names of drones; null for all. */
  drones: ReadonlySet<string> | null;
}

interface Subscriber extends Subscription {
  /** What `output` wants. */
  wants(piece: OutputPiece): boolean;
  /** Lines and events that the client was too slow for and has not been told about yet. */
  dropped: number;
  /** True if it was more than `dropped` says. */
  atLeast: boolean;
}

/** How long an answer is kept count of that nobody needs. */
const WATCH_TIMEOUT_MS = 10_000;

/** The events that clients of fleet 1.0 know. */
const FIRST_EVENTS = new Set(['deployed', 'spawned', 'exited', 'stopped']);

/**
 * Who listens to events and output. A drone is told what to send, and sends nothing else; a client that reads too
 * slowly loses output and is told how many lines, but never makes a drone or another client wait.
 */
export class Subscribers {
  private readonly subscribers = new Map<ClientSession, Subscriber>();
  /** What each drone was last told to send. */
  private readonly lastSent = new WeakMap<DroneConnection, string>();
  private telling: Promise<void> | null = null;
  /** Returns what others than clients want of a drone. */
  elsewhere: (drone: string) => readonly Interest[] = () => [];

  constructor(
    private readonly directory: DroneDirectory,
    private readonly events: EventLog,
  ) {
    events.on('event', (event) => {
      for (const [client, to] of this.subscribers) this.event(client, to, event);
    });
  }

  /**
   * Replaces the subscription of this client. Events after number `since`, or after an event of another hub, are sent first. Resolves when the drones have
   * been told: to the number of the newest event, and how many after `since` the hub no longer has.
   */
  async subscribe(
    client: ClientSession,
    { events, output, drones, since, after, recent, begun }: CheckedClientParams['subscribe'],
  ): Promise<{ seq: number; missed: number | null; last: EventPlace | null }> {
    if (!this.subscribers.has(client)) void client.gone.then(() => this.unsubscribe(client));
    mustBeFew(client.who.name, [{ output, drones }, ...this.watchedBeside(client)]);
    const counts = { dropped: 0, atLeast: false };
    const wants = output ? wanting(output) : () => false;
    const subscriber = { events, output, wants, drones: drones && new Set(drones), ...counts };
    const past = after ? this.events.after(after, recent, begun) : this.past(since);
    for (const event of past.events) this.event(client, subscriber, event);
    this.subscribers.set(client, subscriber);
    const seq = this.events.last;
    await this.updateDronesSoon();
    const last = this.events.newest(
      (event) => isAtAllHubs(event) && maySee(client.who, event, this.directory),
    );
    return { seq, missed: past.missed, last: last ? placeOf(last) : null };
  }

  private past(since: number | null): Since {
    return since === null ? { events: [], missed: 0 } : this.events.since(since);
  }

  get size(): number {
    return this.subscribers.size;
  }

  output(drone: string, piece: OutputPiece, body: Buffer): void {
    const isBehind = behindOf(this.subscribers.keys());
    for (const [client, to] of this.subscribers) {
      if (!to.wants(piece) || !isOf(to, drone) || !seesOutput(client.who, drone, piece, this.directory))
        continue;
      const isPreview = piece.begun !== undefined;
      if (isPreview && (!client.features.has('unfinished-lines') || isBehind(client))) continue;
      if (isBehind(client)) {
        to.dropped += countNewlines(body) + piece.dropped;
        to.atLeast ||= piece.atLeast ?? false;
        continue;
      }
      reportDropped(client, to);
      client.tell('output', { ...piece, drone }, body);
    }
  }

  /** Tells those who follow its logs that a drone has connected, so that they check what it wrote while it was away. */
  joined(drone: string): void {
    const place = this.directory.get(drone) ?? { name: drone, labels: {} };
    for (const [client, to] of this.subscribers)
      if (to.output && isOf(to, drone) && seesDrone(client.who, place)) client.tell('joined', { drone });
  }

  /** Returns what this drone must send now; `common` is what all drones must. */
  interestIn(drone: string, common = this.commonInterest()): Interest {
    const own = [...this.interests((drones) => drones?.has(drone) ?? false), ...this.elsewhere(drone)];
    const wanted = own.length === 0 ? common : union([common, ...own]);
    return takeable(wanted, this.directory.get(drone)?.processes);
  }

  private commonInterest(): Interest {
    return union(this.interests((drones) => drones === null));
  }

  private interests(isMeant: (drones: Subscription['drones']) => boolean): Interest[] {
    return [...this.subscribers].flatMap(([{ who }, { output, drones }]) => {
      if (!output || !isMeant(drones)) return [];
      return [who.repo === null ? output : within(output, who.repo)];
    });
  }

  /** What the other connections of the same token watch. */
  private watchedBeside(client: ClientSession): Subscription[] {
    return [...this.subscribers].flatMap(([one, subscription]) =>
      one !== client && one.who.name === client.who.name ? [subscription] : [],
    );
  }

  /** Returns what a joining drone must send; the answer to its join says so, and it is not sent again. */
  welcome({ name, connection }: Drone): Interest {
    const wanted = this.interestIn(name);
    if (connection) this.lastSent.set(connection, JSON.stringify(wanted));
    return wanted;
  }

  private event(client: ClientSession, to: Subscriber, event: HubEvent): void {
    if (!to.events || !maySee(client.who, event, this.directory)) return;
    if ('drone' in event && !isOf(to, String(event.drone))) return;
    if (!FIRST_EVENTS.has(event.type) && !client.features.has('event-numbers')) return;
    // Events are worth more than output, but not the hub's memory.
    if (client.unreadBytes > 2 * MAX_BUFFERED_BYTES) {
      to.dropped++;
      return;
    }
    reportDropped(client, to);
    client.tell('event', event);
  }

  private unsubscribe(client: ClientSession): void {
    if (this.subscribers.delete(client)) void this.updateDronesSoon();
  }

  /** Once for many changes: it goes through every drone and every subscriber. */
  updateDronesSoon(): Promise<void> {
    this.telling ??= new Promise((resolve) => {
      setImmediate(() => {
        this.telling = null;
        this.updateDrones();
        resolve();
      });
    });
    return this.telling;
  }

  /** Tells each drone what it must send from now on, if that has changed. */
  updateDrones(): void {
    const common = this.commonInterest();
    const commonText = JSON.stringify(common);
    for (const { name, connection } of this.directory.connected()) {
      const wanted = this.interestIn(name, common);
      const text = wanted === common ? commonText : JSON.stringify(wanted);
      if (!connection || this.lastSent.get(connection) === text) continue;
      this.lastSent.set(connection, text);
      // It is sent again when the drone comes back.
      connection.orders.call('watch', wanted, { timeout: WATCH_TIMEOUT_MS }).catch(() => {});
    }
  }
}

function isOf(to: Subscriber, drone: string): boolean {
  return !to.drones || to.drones.has(drone);
}

function reportDropped(client: ClientSession, to: Subscriber): void {
  if (to.dropped === 0) return;
  client.tell('dropped', { lines: to.dropped, ...(to.atLeast ? { atLeast: true } : {}) });
  Object.assign(to, { dropped: 0, atLeast: false });
}
