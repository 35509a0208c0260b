import type { KnownDrone } from '../drones/known-drone.ts';
import type { OtherHub } from './other-hubs.ts';

interface Route {
  hub: OtherHub;
  /** Resolves when the order that starts it was passed on; null if it was. */
  begun: Promise<void> | null;
}

/** Which other hub has started each exec that runs on a drone of this one. */
export class ExecRoutes {
  private readonly byDrone = new Map<KnownDrone, Map<string, Route>>();

  /** Returns what says that the order that starts it was passed on. */
  open(drone: KnownDrone, id: string, hub: OtherHub): () => void {
    const routes = this.byDrone.get(drone) ?? new Map<string, Route>();
    this.byDrone.set(drone, routes);
    let resolve = () => {};
    const route: Route = { hub, begun: new Promise((done) => (resolve = done)) };
    routes.set(id, route);
    return () => {
      route.begun = null;
      resolve();
    };
  }

  hubOf(drone: KnownDrone, id: string): OtherHub | undefined {
    return this.byDrone.get(drone)?.get(id)?.hub;
  }

  /** Does something once the exec has been ordered: input never comes before its start. */
  whenBegun(drone: KnownDrone, id: string, act: () => void): void {
    const begun = this.byDrone.get(drone)?.get(id)?.begun;
    if (begun) void begun.then(act);
    else act();
  }

  drop(drone: KnownDrone, id: string): void {
    const routes = this.byDrone.get(drone);
    routes?.delete(id);
    if (routes?.size === 0) this.byDrone.delete(drone);
  }

  /** Forgets all execs of a drone that is gone. */
  forget(drone: KnownDrone): void {
    this.byDrone.delete(drone);
  }

  /** Forgets and returns all execs that a hub has started, because that is gone. */
  take(hub: OtherHub): { drone: KnownDrone; id: string }[] {
    const taken = [...this.byDrone].flatMap(([drone, routes]) =>
      [...routes].flatMap(([id, route]) => (route.hub === hub ? [{ drone, id }] : [])),
    );
    for (const { drone, id } of taken) this.drop(drone, id);
    return taken;
  }
}
