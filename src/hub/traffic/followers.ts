import { EventEmitter } from 'node:events';
import type { AppTraffic } from '../../protocol/endpoints.ts';
import { seesApp } from '../access/limits.ts';
import type { Principal } from '../access/principal.ts';
import type { ClientSession } from '../client-session.ts';
import { seenFrom } from './endpoints-of.ts';

interface Follower {
  drains: boolean;
  /** The newest revision that it acts by. */
  confirmed: number;
  /** What it has no request under way at any more. */
  drained: Set<string>;
}

/**
 * Who brings requests to instances: they are told of each change, and say when they act by it. Emits `changed` when there are
 * others.
 */
export class Followers extends EventEmitter<{ changed: [] }> {
  private readonly all = new Map<ClientSession, Follower>();
  private readonly waiting = new Set<() => void>();

  /** Returns the addresses from which they reach instances. */
  addresses(): string[] {
    return [...this.all.keys()].map(({ who }) => who.address);
  }

  add(client: ClientSession, drains: boolean): void {
    if (!this.all.has(client)) void client.gone.then(() => this.remove(client));
    this.all.set(client, { drains, confirmed: 0, drained: new Set() });
    this.emit('changed');
  }

  tell(revision: number, apps: Record<string, AppTraffic>): void {
    for (const client of this.all.keys())
      client.tell('endpoints', { revision, apps: visibleTo(client.who, apps) });
  }

  confirm(client: ClientSession, revision: number): void {
    const follower = this.all.get(client);
    if (follower) follower.confirmed = Math.max(follower.confirmed, revision);
    this.look();
  }

  drained(client: ClientSession, id: string): void {
    this.all.get(client)?.drained.add(id);
    this.look();
  }

  /** Takes back what was said of an instance, which is about to leave, or has left. */
  forget(id: string): void {
    for (const { drained } of this.all.values()) drained.delete(id);
  }

  /** Resolves when everybody who is connected acts by this revision; after `withinMs` at the latest. */
  confirmed(revision: number, withinMs: number): Promise<void> {
    return this.until((follower) => follower.confirmed >= revision, withinMs);
  }

  /** Resolves when nobody who counts has a request under way there; after `withinMs` at the latest. */
  empty(id: string, withinMs: number): Promise<void> {
    return this.until(({ drains, drained }) => !drains || drained.has(id), withinMs);
  }

  private until(isDone: (follower: Follower) => boolean, withinMs: number): Promise<void> {
    return new Promise((resolve) => {
      const end = () => {
        clearTimeout(timer);
        this.waiting.delete(look);
        resolve();
      };
      const look = () => {
        if ([...this.all.values()].every(isDone)) end();
      };
      const timer = setTimeout(end, withinMs).unref();
      this.waiting.add(look);
      look();
    });
  }

  private remove(client: ClientSession): void {
    this.all.delete(client);
    this.look();
    this.emit('changed');
  }

  private look(): void {
    for (const look of this.waiting) look();
  }
}

/** Returns what a client may see of some apps, with addresses as it reaches them. */
export function visibleTo(who: Principal, apps: Record<string, AppTraffic>): Record<string, AppTraffic> {
  const seen = Object.entries(apps).filter(([app]) => seesApp(who, app));
  return Object.fromEntries(
    seen.map(([app, { endpoints, ...more }]) => [
      app,
      { ...more, endpoints: endpoints.map((one) => seenFrom(who.address, one)) },
    ]),
  );
}
