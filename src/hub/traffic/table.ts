import { randomBytes } from 'node:crypto';
import type { AppTraffic, Endpoint } from '../../protocol/endpoints.ts';
import type { AppFacts } from './endpoints-of.ts';

interface AppEntry extends AppFacts {
  endpoints: Endpoint[];
  revision: number;
}

/** What has changed: endpoints of drones, what is known of apps. */
export interface TrafficChange {
  drones: ReadonlyMap<string, readonly Endpoint[]>;
  apps: ReadonlyMap<string, AppFacts>;
}

const NOTHING: AppFacts = { services: [], maintenance: null };

/** All endpoints that a hub knows: by drone as they come, by app as they are asked for. Each change has a number. */
export class EndpointTable {
  /** Random, of each start of a hub: its revisions are comparable with those of no other. */
  readonly hub = randomBytes(16).toString('hex');
  revision = 0;
  private readonly byDrone = new Map<string, readonly Endpoint[]>();
  private readonly byApp = new Map<string, AppEntry>();

  /** The drones that have endpoints. */
  drones(): string[] {
    return [...this.byDrone.keys()];
  }

  /** The drones that have endpoints of an app. */
  dronesOf(app: string): Set<string> {
    return new Set(this.byApp.get(app)?.endpoints.map(({ drone }) => drone));
  }

  has(drone: string, id: string): boolean {
    return this.byDrone.get(drone)?.some((one) => one.id === id) ?? false;
  }

  /** Sets what drones and apps have now. Returns true if that has changed something: then there is a new revision. */
  set({ drones, apps }: TrafficChange): boolean {
    const touched = new Map([...this.setDrones(drones)].map((app) => [app, [] as Endpoint[]]));
    for (const [app, facts] of apps)
      if (!isSame(factsOf(facts), factsOf(this.byApp.get(app)))) touched.set(app, []);
    if (touched.size === 0) return false;
    this.revision++;
    for (const endpoints of this.byDrone.values())
      for (const one of endpoints) touched.get(one.app)?.push(one);
    for (const [app, endpoints] of touched) {
      const facts = factsOf(apps.get(app) ?? this.byApp.get(app));
      this.byApp.set(app, { endpoints: endpoints.sort(inOrder), ...facts, revision: this.revision });
    }
    return true;
  }

  /** Returns the traffic of the apps that have changed after a revision, or of all that have some. */
  apps(since: number | null): Record<string, AppTraffic> {
    const entries = [...this.byApp].filter(([, { endpoints, services, revision }]) =>
      since === null ? endpoints.length + services.length > 0 : revision > since,
    );
    return Object.fromEntries(
      entries.map(([app, { endpoints, ...facts }]) => [app, { endpoints, ...factsOf(facts) }]),
    );
  }

  /** Returns the apps whose endpoints have changed. */
  private setDrones(drones: TrafficChange['drones']): Set<string> {
    const touched = new Set<string>();
    for (const [drone, endpoints] of drones) {
      const before = this.byDrone.get(drone) ?? [];
      if (isSame(before, endpoints)) continue;
      for (const { app } of [...before, ...endpoints]) touched.add(app);
      if (endpoints.length === 0) this.byDrone.delete(drone);
      else this.byDrone.set(drone, endpoints);
    }
    return touched;
  }
}

const isSame = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b);

/** Returns the facts of an entry alone, in one order, so that they can be compared. */
function factsOf({ services, maintenance, certificates, challenges }: AppFacts = NOTHING): AppFacts {
  return {
    ...{ services, maintenance },
    ...(certificates ? { certificates } : {}),
    ...(challenges ? { challenges } : {}),
  };
}

function inOrder(a: Endpoint, b: Endpoint): number {
  return a.service < b.service ? -1 : a.service > b.service ? 1 : a.slot - b.slot || a.release - b.release;
}
