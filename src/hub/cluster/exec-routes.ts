import type { KnownDrone } from '../drones/known-drone.ts';
import type { OtherHub } from './other-hubs.ts';

/** Which other hub has started each exec that runs on a drone of this one. */
export class ExecRoutes {
  private readonly byDrone = new Map<KnownDrone, Map<string, OtherHub>>();

  open(drone: KnownDrone, id: string, hub: OtherHub): void {
    const hubs = this.byDrone.get(drone) ?? new Map<string, OtherHub>();
    this.byDrone.set(drone, hubs.set(id, hub));
  }

  hubOf(drone: KnownDrone, id: string): OtherHub | undefined {
    return this.byDrone.get(drone)?.get(id);
  }

  drop(drone: KnownDrone, id: string): void {
    const hubs = this.byDrone.get(drone);
    hubs?.delete(id);
    if (hubs?.size === 0) this.byDrone.delete(drone);
  }

  /** Forgets all execs of a drone that is gone. */
  forget(drone: KnownDrone): void {
    this.byDrone.delete(drone);
  }

  /** Forgets and returns all execs that a hub has started, because that is gone. */
  take(hub: OtherHub): { drone: KnownDrone; id: string }[] {
    const taken = [...this.byDrone].flatMap(([drone, hubs]) =>
      [...hubs].flatMap(([id, one]) => (one === hub ? [{ drone, id }] : [])),
    );
    for (const { drone, id } of taken) this.drop(drone, id);
    return taken;
  }
}
