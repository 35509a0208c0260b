import type { KnownDrone } from './known-drone.ts';

/** The drones of a directory, each by its name and its identity. */
export class DroneRecords {
  private readonly byName = new Map<string, KnownDrone>();
  private readonly byIdentity = new Map<string, KnownDrone>();
  /** Cache of `inOrder`, until a drone is put or removed: if a thousand rejoin at once, they are not sorted each time. */
  private sorted: readonly KnownDrone[] | null = null;

  named(name: string): KnownDrone | undefined {
    return this.byName.get(name);
  }

  withIdentity(identity: string): KnownDrone | undefined {
    return this.byIdentity.get(identity);
  }

  hasId(id: string): boolean {
    for (const { processes } of this.byName.values()) if (processes.has(id)) return true;
    return false;
  }

  /** True if another drone than that of `identity` is connected and has an instance with this id. */
  hasInstance(id: string, identity: string): boolean {
    for (const drone of this.byName.values())
      if (drone.connection && drone.identity !== identity && drone.processes.get(id)?.report.instance)
        return true;
    return false;
  }

  /** The drones that have a process started by the request with this key, ordered by name. */
  withKey(key: string): KnownDrone[] {
    return this.inOrder().filter(({ processes }) => {
      for (const { report } of processes.values()) if (report.key === key) return true;
      return false;
    });
  }

  values(): Iterable<KnownDrone> {
    return this.byName.values();
  }

  /** All drones, ordered by name. */
  inOrder(): readonly KnownDrone[] {
    this.sorted ??= [...this.byName.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
    return this.sorted;
  }

  put(drone: KnownDrone): void {
    this.byName.set(drone.name, drone);
    this.byIdentity.set(drone.identity, drone);
    this.sorted = null;
  }

  /** Forgets a drone, and gives back what it takes of its budget. */
  remove(drone: KnownDrone): void {
    const { name, identity } = drone;
    drone.release();
    if (this.byName.get(name) === drone) this.byName.delete(name);
    if (this.byIdentity.get(identity) === drone) this.byIdentity.delete(identity);
    this.sorted = null;
  }
}
