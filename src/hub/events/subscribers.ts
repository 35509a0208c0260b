import type { FleetEvent, Interest, OutputPiece } from '../../protocol/events.ts';
import { MAX_BUFFERED } from '../../protocol/limits.ts';
import type { Peer } from '../../rpc/peer.ts';
import { type Principal, sees } from '../access/principal.ts';
import type { DroneDirectory, DroneRecord } from '../drones/directory.ts';

/** What one client asked to be told. */
export interface Subscription {
  events: boolean;
  output: Interest | null;
  /** Names of drones; null for all. */
  drones: ReadonlySet<string> | null;
}

interface Subscriber extends Subscription {
  who: Principal;
  /** Lines that it was too slow for, and has not been told of. */
  dropped: number;
}

const NOTHING: Interest = { all: false, ids: [], repos: [] };

/** True where somebody who wants this wants output of that process. */
export function wants(interest: Interest, id: string, repo: string): boolean {
  return interest.all || interest.ids.includes(id) || interest.repos.includes(repo);
}

/** What a drone must send so that each of these interests is met. */
export function union(interests: Interest[]): Interest {
  if (interests.some(({ all }) => all)) return { all: true, ids: [], repos: [] };
  return {
    all: false,
    ids: [...new Set(interests.flatMap(({ ids }) => ids))].sort(),
    repos: [...new Set(interests.flatMap(({ repos }) => repos))].sort(),
  };
}

export function countLines(bytes: Buffer): number {
  let lines = 0;
  for (let at = bytes.indexOf(10); at >= 0; at = bytes.indexOf(10, at + 1)) lines++;
  return lines;
}

/**
 * Who listens to events and output. A drone is told what is wanted of it, and sends nothing else; a client that reads
 * too slowly loses output, and is told how many lines, but never makes a drone or another client wait.
 */
export class Subscribers {
  private readonly subscribers = new Map<Peer, Subscriber>();
  /** What each drone was last told to send. */
  private readonly told = new WeakMap<Peer, string>();

  private telling: Promise<void> | null = null;

  constructor(private readonly directory: DroneDirectory) {}

  /** In place of what this client asked before. Resolves when the drones have been told. */
  subscribe(peer: Peer, who: Principal, subscription: Subscription): Promise<void> {
    if (!this.subscribers.has(peer)) void peer.closed.then(() => this.unsubscribe(peer));
    this.subscribers.set(peer, { ...subscription, who, dropped: 0 });
    return this.tellDronesSoon();
  }

  get size(): number {
    return this.subscribers.size;
  }

  event(event: FleetEvent): void {
    for (const [peer, to] of this.subscribers) {
      if (!to.events || !this.reaches(to, event.drone, event.repo)) continue;
      // Events are worth more than output, but not the hub's memory.
      if (peer.buffered > 2 * MAX_BUFFERED) {
        to.dropped++;
        continue;
      }
      this.sayDropped(peer, to);
      peer.notify('event', event);
    }
  }

  output(drone: string, piece: OutputPiece, body: Buffer): void {
    for (const [peer, to] of this.subscribers) {
      if (!to.output || !wants(to.output, piece.id, piece.repo) || !this.reaches(to, drone, piece.repo))
        continue;
      if (peer.buffered > MAX_BUFFERED) {
        to.dropped += countLines(body) + piece.dropped;
        continue;
      }
      this.sayDropped(peer, to);
      peer.notify('output', { ...piece, drone }, body);
    }
  }

  /** A drone has connected, and those who follow its logs should look what it wrote meanwhile. */
  joined(drone: string): void {
    for (const [peer, to] of this.subscribers) {
      if (to.output && (!to.drones || to.drones.has(drone))) peer.notify('joined', { drone });
    }
  }

  /** What this drone must send now. */
  wantedOf(drone: string): Interest {
    const interests: Interest[] = [];
    for (const { output, drones, who } of this.subscribers.values()) {
      if (!output || (drones && !drones.has(drone))) continue;
      interests.push(who.repo === null ? output : { all: false, ids: output.ids, repos: [who.repo] });
    }
    return interests.length > 0 ? union(interests) : NOTHING;
  }

  /** Notes what a drone was told when it joined, so that it is not told again. */
  noteTold(record: DroneRecord, interest: Interest): void {
    if (record.peer) this.told.set(record.peer, JSON.stringify(interest));
  }

  private reaches(to: Subscriber, drone: string, repo: string): boolean {
    return (!to.drones || to.drones.has(drone)) && sees(to.who, repo);
  }

  private sayDropped(peer: Peer, to: Subscriber): void {
    if (to.dropped === 0) return;
    peer.notify('dropped', { lines: to.dropped });
    to.dropped = 0;
  }

  private unsubscribe(peer: Peer): void {
    if (this.subscribers.delete(peer)) void this.tellDronesSoon();
  }

  /** Once for many changes: it looks at every drone and every subscriber. */
  private tellDronesSoon(): Promise<void> {
    this.telling ??= new Promise((resolve) => {
      setImmediate(() => {
        this.telling = null;
        this.tellDrones();
        resolve();
      });
    });
    return this.telling;
  }

  private tellDrones(): void {
    for (const record of this.directory.connected()) {
      const wanted = this.wantedOf(record.name);
      const text = JSON.stringify(wanted);
      if (!record.peer || this.told.get(record.peer) === text) continue;
      this.told.set(record.peer, text);
      record.peer.call('watch', wanted).catch(() => {}); // It is told again when it comes back.
    }
  }
}
