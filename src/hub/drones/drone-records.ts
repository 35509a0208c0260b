import type { KnownDrone } from './known-drone.ts';

/** The drones of a directory, each by its name and its identity. */
export class DroneRecords {
  private readonly byName = new Map<string, KnownDrone>();
  private readonly byIdentity = new Map<string, KnownDrone>();
  /** By name. Whoever has it keeps it as it is: a change makes another one. */
  private sorted: readonly KnownDrone[] = [];

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
    return this.sorted;
  }

  put(drone: KnownDrone): void {
    const isKnown = this.byName.has(drone.name);
    this.byName.set(drone.name, drone);
    this.byIdentity.set(drone.identity, drone);
    // If thousands join at once, they are not all sorted each time.
    this.sorted = this.sorted.toSpliced(this.placeOf(drone.name), isKnown ? 1 : 0, drone);
  }

  /** Forgets a drone, and gives back what it takes of its budget. */
  remove(drone: KnownDrone): void {
    const { name, identity } = drone;
    drone.release();
    if (this.byName.get(name) === drone) {
      this.byName.delete(name);
      this.sorted = this.sorted.toSpliced(this.placeOf(name), 1);
    }
    if (this.byIdentity.get(identity) === drone) this.byIdentity.delete(identity);
  }

  /** Returns how many names come before this one. */
  private placeOf(name: string): number {
    let [from, to] = [0, this.sorted.length];
    while (from < to) {
      const middle = (from + to) >> 1;
      if ((this.sorted[middle]?.name ?? name) < name) from = middle + 1;
      else to = middle;
    }
    return from;
  }
}
