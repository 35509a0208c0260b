import { randomBytes } from 'node:crypto';
import type { Endpoint } from '../../protocol/endpoints.ts';

/** All endpoints that a hub knows: by drone as they come, by app as they are asked for. Each change has a number. */
export class EndpointTable {
  /** Random, of each start of a hub: its revisions are comparable with those of no other. */
  readonly hub = randomBytes(16).toString('hex');
  revision = 0;
  private readonly byDrone = new Map<string, readonly Endpoint[]>();
  private readonly byApp = new Map<string, { endpoints: readonly Endpoint[]; revision: number }>();

  /** The drones that have endpoints. */
  drones(): string[] {
    return [...this.byDrone.keys()];
  }

  has(drone: string, id: string): boolean {
    return this.byDrone.get(drone)?.some((one) => one.id === id) ?? false;
  }

  /** Sets what drones have now. Returns true if that has changed something: then there is a new revision. */
  set(drones: ReadonlyMap<string, readonly Endpoint[]>): boolean {
    const touched = new Set<string>();
    for (const [drone, endpoints] of drones) {
      const before = this.byDrone.get(drone) ?? [];
      if (JSON.stringify(before) === JSON.stringify(endpoints)) continue;
      for (const { app } of [...before, ...endpoints]) touched.add(app);
      if (endpoints.length === 0) this.byDrone.delete(drone);
      else this.byDrone.set(drone, endpoints);
    }
    if (touched.size === 0) return false;
    this.revision++;
    const grouped = new Map<string, Endpoint[]>([...touched].map((app) => [app, []]));
    for (const endpoints of this.byDrone.values())
      for (const one of endpoints) grouped.get(one.app)?.push(one);
    for (const [app, endpoints] of grouped)
      this.byApp.set(app, { endpoints: endpoints.sort(inOrder), revision: this.revision });
    return true;
  }

  /** Returns the endpoints of the apps that have changed after a revision, or of all that have some. */
  apps(since: number | null): Record<string, readonly Endpoint[]> {
    const entries = [...this.byApp].filter(([, { endpoints, revision }]) =>
      since === null ? endpoints.length > 0 : revision > since,
    );
    return Object.fromEntries(entries.map(([app, { endpoints }]) => [app, endpoints]));
  }
}

function inOrder(a: Endpoint, b: Endpoint): number {
  return a.service < b.service ? -1 : a.service > b.service ? 1 : a.slot - b.slot || a.release - b.release;
}
