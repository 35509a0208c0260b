import { EventEmitter } from 'node:events';
import type { DroneCall, DroneParams, Welcome } from '../protocol/drone-calls.ts';
import type { DroneEvent } from '../protocol/events.ts';
import type { ProcessReport } from '../protocol/process.ts';
import type { Peer } from '../rpc/peer.ts';
import type { HubConnection } from './hub-connection.ts';
import { reportFor } from './introduction.ts';
import { RecentEvents } from './recent-events.ts';

/** What a hub must name to be told something. */
const NEEDED = {
  job: 'apps',
  fetching: 'fetch-states',
  lags: 'fetch-states',
  machine: 'machine-use',
} as const;

interface UplinkEvents {
  up: [Welcome];
  down: [];
  redial: [];
  /** The hub cannot be reached, or refuses: emitted once, until the reason changes. */
  trouble: [string];
  /** The hub will never let this drone in. */
  refused: [unknown];
  /** The hub has another drone with the same identity. */
  duplicate: [];
}

/** What a drone tells the hub that it is connected to. */
export class HubReports extends EventEmitter<UplinkEvents> {
  protected connection: HubConnection | null = null;
  /** The hub that it is about to move to, which is told of states, but not of what happens. */
  protected next: HubConnection | null = null;
  protected isJoined = false;
  private readonly events = new RecentEvents();

  /** Null while there is no connection. */
  get peer(): Peer | null {
    return this.connection?.peer ?? null;
  }

  /** Notifies the hub; does nothing while there is no connection. */
  notify<K extends DroneCall>(method: K, params: DroneParams[K], body?: Buffer): void {
    this.connection?.hub.notify(method, params, body);
  }

  /** Reports a process to the hub; does nothing while there is no connection, because the next `join` includes it. */
  report(report: ProcessReport): void {
    for (const { hub, peer } of this.open()) hub.notify('changed', reportFor(peer, report));
  }

  /** Reports that a process has ended for good. As above. */
  gone(id: string): void {
    for (const { hub } of this.open()) hub.notify('gone', { id });
  }

  /** Reports something that not every hub takes; does nothing if this one does not, or without a connection. */
  inform<K extends keyof typeof NEEDED>(method: K, params: DroneParams[K]): void {
    for (const { hub, peer } of this.open())
      if (peer.features.has(NEEDED[method])) hub.notify(method, params);
  }

  /** Reports an event to the hub; without a connection, as soon as there is one, with its own time. */
  event(event: DroneEvent): void {
    const key = this.events.add(event, this.isJoined);
    if (this.isJoined) this.notify('event', { ...event, key });
  }

  /**
   * Sends what has happened while there was no connection, and from now on what happens. What the hub before was told at
   * the end may have got lost with it, so a hub that knows it again is told that, too.
   */
  protected sendUntold(): void {
    this.isJoined = true;
    const knowsAgain = this.peer?.features.has('event-keys') ?? false;
    for (const event of this.events.told(knowsAgain)) this.notify('event', event);
  }

  /** The hub may not get any more what it is told. */
  protected left(): void {
    this.isJoined = false;
    this.events.left();
  }

  protected open(): HubConnection[] {
    return [this.connection, this.next].flatMap((one) => one ?? []);
  }
}
