import { setTimeout as sleep } from 'node:timers/promises';
import { certifiableHosts } from '../../protocol/certificates.ts';
import { messageOf } from '../../protocol/errors.ts';
import type { DroneDirectory } from '../drones/directory.ts';
import { type AppFacts, endpointsOf, type ReleaseTraffic } from './endpoints-of.ts';
import { Followers } from './followers.ts';
import type { HostCertificates } from './host-certificates.ts';
import { EndpointTable } from './table.ts';
import { isUnreached } from './unreached.ts';

/** Changes within this time are told together. */
const GATHER_MS = 25;
/** Who does not confirm within this time is not waited for. */
export const CONFIRM_WITHIN_MS = 2_000;

/** How an instance leaves. */
export interface Leaving {
  /** For balancers that only look now and then. */
  waitMs: number;
  /** How long requests under way may take. */
  drainMs: number;
  /** It will not be back. */
  stops: boolean;
}

/** An instance on its drone. */
export interface Placed {
  drone: string;
  id: string;
}

export interface TrafficOptions {
  directory: Pick<DroneDirectory, 'on' | 'all' | 'get'>;
  releases: ReleaseTraffic;
  certificates: HostCertificates;
  /** The names of all apps. */
  apps(): string[];
  /** Resolves when the hub knows its drones. */
  ready: Promise<void>;
  log(line: string): void;
}

/** Which instances get requests: whoever brings them some is told, and nothing is stopped before they have heard. */
export class Traffic {
  readonly table = new EndpointTable();
  readonly followers = new Followers();
  /** Returns the addresses of those who bring requests by other hubs. */
  elsewhere: () => readonly string[] = () => [];
  private readonly leaving = new Set<string>();
  /** Names of drones and of apps of which something has changed. */
  private readonly changed = new Set<string>();
  private readonly changedApps = new Set<string>();
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly options: TrafficOptions) {
    const { directory, certificates, ready } = options;
    directory.on('lost', ({ name }) => this.look(name)).on('reported', ({ name }) => this.look(name));
    directory.on('forgotten', ({ name }) => this.look(name)).on('expired', ({ name }) => this.look(name));
    // It may have had another name.
    directory.on('joined', (drone, before) => {
      this.look(drone.name);
      if (before) this.look(before.name);
    });
    certificates.on('changed', () => this.lookAtApps());
    void ready.then(() => {
      this.lookAtApps();
      this.lookAtAll();
    });
  }

  /** Resolves when the table is complete, with what has changed up to now. */
  async upToDate(): Promise<void> {
    await this.options.ready;
    if (this.timer) this.flush();
  }

  /** Takes an instance out of traffic, and resolves when it may be stopped. */
  async leave(
    { drone, id }: Placed,
    { waitMs, drainMs }: Pick<Leaving, 'waitMs' | 'drainMs'>,
  ): Promise<void> {
    this.followers.forget(id);
    this.leaving.add(id);
    this.changed.add(drone);
    this.flush();
    const { followers, table } = this;
    // What nobody was told of gets no requests: it is not served, or was never ready.
    const isKnown = table.has(drone, id);
    if (isKnown) await followers.confirmed(table.revision, CONFIRM_WITHIN_MS);
    if (waitMs > 0) await sleep(waitMs, undefined, { ref: false });
    if (isKnown) await followers.empty(id, drainMs);
  }

  /** An instance that was to leave is gone, or it gets requests again. */
  left({ drone, id }: Placed): void {
    this.leaving.delete(id);
    this.look(drone);
  }

  /** Resolves when everybody who brings requests acts by what has changed up to now; after 2 s at the latest. */
  async settled(): Promise<void> {
    await this.upToDate();
    await this.followers.confirmed(this.table.revision, CONFIRM_WITHIN_MS);
  }

  /** An app's releases may have changed, and with them what is said of its instances. */
  lookAtApp(app: string): void {
    this.changedApps.add(app);
    for (const name of this.table.dronesOf(app)) this.changed.add(name);
    this.schedule();
  }

  /** Something of the certificates of apps may have changed. */
  private lookAtApps(): void {
    for (const app of this.options.apps()) this.lookAtApp(app);
  }

  /** Returns true if a drone has no address at which all who bring requests reach it. */
  isUnreached(name: string): boolean {
    const drone = this.options.directory.get(name);
    const viewers = [...this.followers.addresses(), ...this.elsewhere()];
    return drone !== undefined && isUnreached(drone.address, viewers);
  }

  /** Those of the hosts of apps. */
  get certificates(): HostCertificates {
    return this.options.certificates;
  }

  close(): void {
    clearTimeout(this.timer);
  }

  private lookAtAll(): void {
    for (const name of this.table.drones()) this.changed.add(name);
    for (const { name } of this.options.directory.all()) this.look(name);
  }

  private look(drone: string): void {
    this.changed.add(drone);
    this.schedule();
  }

  private factsOf(app: string): AppFacts {
    const { releases, certificates } = this.options;
    const facts = releases.ofApp(app);
    const hosts = certifiableHosts(facts.services);
    const [kept, challenges] = [certificates.factsOf(hosts), certificates.challengesOf(hosts)];
    return {
      ...facts,
      ...(kept.length > 0 ? { certificates: kept } : {}),
      ...(challenges.length > 0 ? { challenges } : {}),
    };
  }

  private schedule(): void {
    this.timer ??= setTimeout(() => void this.options.ready.then(() => this.flush()), GATHER_MS).unref();
  }

  private flush(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    const { directory, releases, log } = this.options;
    try {
      const drones = [...this.changed].map((name) => {
        const drone = directory.get(name);
        return [name, drone ? endpointsOf(drone, this.leaving, releases) : []] as const;
      });
      const apps = [...this.changedApps].map((app) => [app, this.factsOf(app)] as const);
      this.changed.clear();
      this.changedApps.clear();
      const before = this.table.revision;
      if (this.table.set({ drones: new Map(drones), apps: new Map(apps) }))
        this.followers.tell(this.table.revision, this.table.apps(before));
    } catch (error) {
      log(`endpoints: ${messageOf(error)}`);
    }
  }
}
