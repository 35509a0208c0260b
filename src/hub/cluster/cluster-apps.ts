import { appName } from '../../protocol/app-names.ts';
import type { HUB_APP_CALLS } from '../../protocol/hub-app-calls.ts';
import type { Handlers } from '../../rpc/calls.ts';
import type { AppStore } from '../apps/app-store.ts';
import type { Apps } from '../apps/apps.ts';
import { FollowedApps } from '../apps/followed-apps.ts';
import type { Leader } from '../apps/leader.ts';
import type { AppCluster } from '../apps/make-apps.ts';
import type { LedTraffic } from '../apps/parts.ts';
import { untoldReleases } from '../apps/untold-releases.ts';
import type { DroneDirectory } from '../drones/directory.ts';
import type { EventLog } from '../events/event-log.ts';
import { Lease } from '../leases/lease.ts';
import type { LeaseBucket } from '../leases/lease-bucket.ts';
import type { Store } from '../store/store.ts';
import type { Traffic } from '../traffic/traffic.ts';
import { Leadership } from './leadership.ts';
import { MadeHere, type MakingParts } from './made-here.ts';
import type { OtherHub, OtherHubs } from './other-hubs.ts';
import { PassedOn } from './passed-on.ts';
import { SharedTraffic } from './shared-traffic.ts';
import { ToldEvents } from './told-events.ts';

/** The key of the lease of the hub that decides about apps. */
const CONDUCTOR = 'conductor';

export interface ClusterAppsOptions {
  /** This hub's. */
  name: string;
  bucket: LeaseBucket;
  others: OtherHubs;
  directory: DroneDirectory;
  events: EventLog;
  /** What hubs share. */
  store: Pick<Store, 'watch'>;
  log(line: string): void;
  /** Serves other hubs. */
  serve(handlers: (other: OtherHub) => Handlers<typeof HUB_APP_CALLS>): void;
  leaseMs?: number;
}

/** The apps of several hubs: one of them decides, and the others know. */
export class ClusterApps implements AppCluster {
  readonly fences: Leadership;
  readonly events: ToldEvents;
  private shared: SharedTraffic | null = null;
  private apps: Apps | null = null;
  private followed: FollowedApps | null = null;

  constructor(private readonly options: ClusterAppsOptions) {
    const { name, bucket, others, directory, events, log, leaseMs } = options;
    const more = leaseMs === undefined ? {} : { leaseMs };
    const lease = new Lease({ bucket, key: CONDUCTOR, holder: name, log, ...more });
    this.fences = new Leadership({ lease, others, directory, log });
    this.events = new ToldEvents(events, others, log);
  }

  traffic(own: Traffic): LedTraffic {
    this.shared = new SharedTraffic(own, this.options.others);
    return this.shared;
  }

  start(apps: Apps, records: Pick<AppStore, 'load'>): Leader {
    const { store, events, log } = this.options;
    this.apps = apps;
    const followed = new FollowedApps(apps, records, store, log);
    this.followed = followed;
    this.fences.start({
      ready: apps.ready,
      confirm: () => followed.confirm(),
      follow: () => apps.follow(),
      lead: () => {
        apps.lead();
        for (const app of apps.all()) {
          const conductor = apps.byName(appName(app));
          if (!conductor) continue;
          const { world, telling } = conductor;
          const told = (release: number) => events.states.ofRelease(appName(app), release);
          const isRunning = app.live === null && app.underWay === null && world.instances.length > 0;
          for (const release of untoldReleases(app, { told, isRunning })) telling.release(release, world);
        }
      },
    });
    return new PassedOn({ leadership: this.fences, apps, events });
  }

  /** From now on, other hubs are served. */
  serve(parts: MakingParts): void {
    const { shared, apps } = this;
    if (!shared || !apps) throw new Error('the apps are not there yet');
    const made = new MadeHere(parts);
    this.options.serve((other) => ({
      ...this.fences.handlers(other),
      ...this.events.handlers(other),
      ...shared.handlers(other, apps),
      ...made.handlers(other),
    }));
  }

  /** Leaves everything to the hub that leads next. */
  async close(): Promise<void> {
    this.followed?.close();
    await this.fences.close();
  }
}
