import type { HUB_APP_CALLS } from '../../protocol/hub-app-calls.ts';
import type { Handlers } from '../../rpc/calls.ts';
import type { Apps } from '../apps/apps.ts';
import type { LedTraffic } from '../apps/parts.ts';
import { CONFIRM_WITHIN_MS, type Leaving, type Placed, type Traffic } from '../traffic/traffic.ts';
import { allOf } from './all-of.ts';
import type { OtherHub, OtherHubs } from './other-hubs.ts';

/** Beyond what whoever brings requests may take; a hub that takes longer is not waited for. */
const ANSWER_WITHIN_MS = 1_000;

type Own = Pick<Traffic, 'leave' | 'left' | 'settled' | 'isUnreached' | 'elsewhere'> & {
  followers: Pick<Traffic['followers'], 'addresses' | 'on'>;
};

/** Takes instances out of the traffic of all hubs. */
export class SharedTraffic implements LedTraffic {
  /** What other hubs take out of traffic, to stop it: by the hub that does. */
  private readonly leaving = new Map<OtherHub, Map<string, Placed & { stops: boolean }>>();

  /** The addresses of those who bring requests by other hubs. */
  private readonly viewers = new Map<OtherHub, readonly string[]>();

  constructor(
    private readonly own: Own,
    private readonly others: OtherHubs,
  ) {
    own.elsewhere = () => [...this.viewers.values()].flat();
    own.followers.on('changed', () => {
      for (const other of others.all()) this.tellViewers(other);
    });
    others.on('come', (other) => this.tellViewers(other));
    others.on('gone', (other) => {
      for (const placed of this.leaving.get(other)?.values() ?? []) own.left(placed);
      this.leaving.delete(other);
      this.viewers.delete(other);
    });
  }

  /** The ids of instances that another hub stops. */
  get elsewhere(): ReadonlySet<string> {
    const all = [...this.leaving.values()].flatMap((placed) => [...placed.values()]);
    return new Set(all.flatMap(({ id, stops }) => (stops ? [id] : [])));
  }

  async leave(placed: Placed, leaving: Leaving): Promise<void> {
    const timeout = CONFIRM_WITHIN_MS + leaving.waitMs + leaving.drainMs + ANSWER_WITHIN_MS;
    const asked = allOf(this.others, ({ calls }) =>
      calls.call('traffic.leave', { ...placed, ...leaving }, { timeout }),
    );
    await Promise.all([this.own.leave(placed, leaving), asked]);
  }

  left(placed: Placed): void {
    this.own.left(placed);
    for (const { calls } of this.others.all()) calls.notify('traffic.left', placed);
  }

  async settled(app: string): Promise<void> {
    const timeout = CONFIRM_WITHIN_MS + ANSWER_WITHIN_MS;
    const asked = allOf(this.others, ({ calls }) => calls.call('traffic.settled', { app }, { timeout }));
    await Promise.all([this.own.settled(), asked]);
  }

  isUnreached(name: string): boolean {
    return this.own.isUnreached(name);
  }

  handlers(
    other: OtherHub,
    apps: Pick<Apps, 'reread'>,
  ): Pick<Handlers<typeof HUB_APP_CALLS>, `traffic.${'leave' | 'left' | 'viewers' | 'settled'}`> {
    return {
      'traffic.leave': async ({ drone, id, ...leaving }) => {
        const ofOther = this.leaving.get(other) ?? new Map();
        this.leaving.set(other, ofOther.set(id, { drone, id, stops: leaving.stops }));
        await this.own.leave({ drone, id }, leaving);
      },
      'traffic.left': (placed) => {
        this.leaving.get(other)?.delete(placed.id);
        this.own.left(placed);
      },
      'traffic.viewers': ({ addresses }) => void this.viewers.set(other, addresses),
      'traffic.settled': async ({ app }) => {
        await apps.reread(app);
        await this.own.settled();
      },
    };
  }

  private tellViewers({ calls }: OtherHub): void {
    calls.notify('traffic.viewers', { addresses: this.own.followers.addresses() });
  }
}
