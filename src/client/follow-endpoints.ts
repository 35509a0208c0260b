import { setTimeout as sleep } from 'node:timers/promises';
import type { AppTraffic } from '../protocol/endpoints.ts';
import { FleetError } from '../protocol/errors.ts';
import type { Notices } from '../protocol/notices.ts';
import { type Backoff, backoffMs } from '../system/backoff.ts';
import { Link } from './link.ts';
import { isPassing } from './passing.ts';
import type { FollowOptions } from './traffic-types.ts';
import type { ConnectOptions } from './types.ts';

/** A hub that starts again is found within a second. */
const REDIAL: Backoff = { firstMs: 50, longestMs: 1_000, spread: 0.5 };

/** Implements `TrafficClient.followEndpoints`. */
export async function followEndpoints(link: Link, options: FollowOptions): Promise<void> {
  const follower = new Follower(link, options);
  try {
    await follower.run();
  } finally {
    follower.close();
  }
}

/** Follows the endpoints of a hub that need not be there yet. Otherwise as `TrafficClient.followEndpoints`. */
export async function followHub(target: ConnectOptions, options: FollowOptions): Promise<void> {
  const link = new Link(target);
  try {
    await followEndpoints(link, options);
  } finally {
    link.close();
  }
}

class Follower {
  private readonly table = new Map<string, AppTraffic>();
  /** What the table is of: a revision of a hub. Null before the first answer. */
  private place: { hub: string; revision: number } | null = null;
  /** Notices that have come before the answer of the call that asked for them. */
  private early: Notices['endpoints'][] | null = null;
  private isTelling = false;
  private isTroubled = false;

  constructor(
    private readonly link: Link,
    private readonly options: FollowOptions,
  ) {
    link.on('endpoints', this.heard);
  }

  async run(): Promise<void> {
    const { link } = this;
    const { signal, trouble } = this.options;
    let failures = 0;
    while (!signal.aborted) {
      try {
        await untilLost(link, signal, async () => {
          await this.begin();
          failures = 0;
          if (this.isTroubled) trouble?.(null);
          this.isTroubled = false;
        });
      } catch (error) {
        if (signal.aborted) return;
        if (!isPassing(error)) throw error;
        if (!this.isTroubled && error instanceof FleetError) trouble?.(error);
        this.isTroubled = true;
      }
      await sleep(backoffMs(failures++, REDIAL), undefined, { signal }).catch(() => {});
    }
  }

  close(): void {
    this.link.off('endpoints', this.heard);
  }

  private async begin(): Promise<void> {
    await this.link.demand('endpoints', 'knows nothing of endpoints');
    this.early = [];
    const { drains = false } = this.options;
    const { result } = await this.link.callOnce('endpoints.follow', { drains, since: this.place });
    const { hub, revision, whole, apps } = result;
    if (whole) this.table.clear();
    this.place = { hub, revision };
    this.take(revision, apps);
    const early = this.early ?? [];
    this.early = null;
    for (const notice of early) this.heard(notice);
  }

  private readonly heard = (notice: Notices['endpoints']): void => {
    if (this.early) this.early.push(notice);
    else if (this.place && notice.revision > this.place.revision) this.take(notice.revision, notice.apps);
  };

  private take(revision: number, apps: Record<string, AppTraffic>): void {
    for (const [app, traffic] of Object.entries(apps)) {
      if (traffic.endpoints.length + traffic.services.length > 0) this.table.set(app, traffic);
      else this.table.delete(app);
    }
    if (this.place) this.place.revision = revision;
    void this.tell();
  }

  /** Tells of the newest table, one after the other, and the hub once that is done. */
  private async tell(): Promise<void> {
    if (this.isTelling) return;
    this.isTelling = true;
    let told: typeof this.place = null;
    while (this.place && (told?.hub !== this.place.hub || told.revision !== this.place.revision)) {
      told = { ...this.place };
      await this.options.changed(Object.fromEntries(this.table), { drained: (id) => this.drained(id) });
      if (!this.options.signal.aborted) this.link.notify('endpoints.confirm', told).catch(() => {});
    }
    this.isTelling = false;
  }

  private drained(id: string): void {
    if (!this.options.signal.aborted) this.link.notify('endpoints.drained', { id }).catch(() => {});
  }
}

/** Begins something, and resolves when the connection is lost after that or the signal aborts; rejects if `begin` does. */
async function untilLost(link: Link, signal: AbortSignal, begin: () => Promise<void>): Promise<void> {
  let end = () => {};
  const over = new Promise<void>((resolve) => {
    end = resolve;
  });
  link.on('lost', end);
  signal.addEventListener('abort', end);
  try {
    await begin();
    await over;
  } finally {
    link.off('lost', end);
    signal.removeEventListener('abort', end);
  }
}
