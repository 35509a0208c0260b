import { REMEMBER_LOST_MS } from '../../protocol/limits.ts';
import type { KnownDrone } from './known-drone.ts';

/** When thousands join or are lost within a second, not all drones are looked at each time. */
const LOOK_EVERY_MS = 1_000;

/** The drones of a directory, each by its name and its identity. */
export class DroneRecords {
  private readonly byName = new Map<string, KnownDrone>();
  private readonly byIdentity = new Map<string, KnownDrone>();
  /** By name. Whoever has it keeps it as it is: a change makes another one. */
  private sorted: readonly KnownDrone[] = [];

  private readonly connected = new Set<KnownDrone>();
  /** When those that were lost long ago were last looked for (performance.now). */
  private lookedAt = Number.NEGATIVE_INFINITY;

  get counts(): { all: number; lost: number } {
    const all = this.byName.size;
    return { all, lost: all - this.connected.size };
  }

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
    if (drone.connection) this.connected.add(drone);
    // If thousands join at once, they are not all sorted each time.
    this.sorted = this.sorted.toSpliced(this.placeOf(drone.name), isKnown ? 1 : 0, drone);
  }

  /** Notes that a drone has no connection any more. */
  lost(drone: KnownDrone): void {
    this.connected.delete(drone);
  }

  /** Forgets the drones that were lost long ago, and returns them. */
  takeOld(now = performance.now()): KnownDrone[] {
    if (now - this.lookedAt < LOOK_EVERY_MS) return [];
    this.lookedAt = now;
    const isOld = ({ connection, lostAt }: KnownDrone) => !connection && lostAt < now - REMEMBER_LOST_MS;
    const old = this.sorted.filter(isOld);
    for (const drone of old) this.remove(drone);
    return old;
  }

  /** Forgets a drone, and gives back what it takes of its budget. */
  remove(drone: KnownDrone): void {
    const { name, identity } = drone;
    drone.release();
    this.connected.delete(drone);
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
