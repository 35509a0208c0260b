import { EventEmitter } from 'node:events';
import { FleetError } from '../../protocol/errors.ts';
import { REMEMBER_LOST_MS } from '../../protocol/limits.ts';
import { freeName } from '../../protocol/names.ts';
import type { ProcessReport } from '../../protocol/process.ts';
import type { SeenDrone } from '../state.ts';
import type { DroneConnection } from './drone.ts';
import { KnownDrone } from './known-drone.ts';
import type { OldReport } from './last-known.ts';

/** Drones that one hub knows, those that were lost within the last hour among them. */
const MAX_DRONES = 10_000;
/** What a drone says of itself when it joins. */
export interface Introduction {
  identity: string;
  /** The name that it would like. */
  name: string;
  processes: ProcessReport[];
}

/**
 * The drones that the hub knows, and their processes. A name belongs to one drone from its first connection until an
 * hour after its last. Emits `joined` and `lost` with the drone.
 */
export class DroneDirectory extends EventEmitter<{ joined: [KnownDrone]; lost: [KnownDrone, FleetError] }> {
  private readonly byName = new Map<string, KnownDrone>();
  /** What `all` gives, until a drone comes or is forgotten: a thousand that come back at once are not sorted each time. */
  private inOrder: readonly KnownDrone[] | null = null;

  /** A drone that was known before this hub started, so that nobody else gets its name, and what it told last. */
  remember({ identity, name, seen, connected }: SeenDrone, reports: readonly OldReport[] = []): void {
    const lostForMs = connected ? 0 : Math.max(0, Date.now() - seen);
    if (lostForMs >= REMEMBER_LOST_MS || this.byName.has(name)) return;
    const drone = new KnownDrone(name, identity);
    drone.lostAt = performance.now() - lostForMs;
    drone.awaited = connected;
    for (const { report, ageMs } of reports) drone.know(report, ageMs);
    this.put(drone);
  }

  /**
   * Lets a drone in under the name that it wants, or had; a connection that it left behind is ended. ELIMIT where
   * there are too many, EPROTOCOL where it has too many processes.
   */
  join(connection: DroneConnection, { identity, name, processes }: Introduction): KnownDrone {
    this.forgetOld();
    const before = this.withIdentity(identity);
    const isTaken = (one: string) => this.byName.has(one) && this.byName.get(one) !== before;
    const drone = new KnownDrone(freeName(name, isTaken), identity);
    for (const report of processes) drone.know(report);
    if (!before) this.makeRoom();
    before?.connection?.end(4001, 'this drone has connected anew');
    if (before) this.remove(before.name);
    drone.connection = connection;
    drone.version = connection.features.version;
    this.put(drone);
    this.emit('joined', drone);
    return drone;
  }

  /** The connection of a drone is over. Nothing happens when it has another one already. */
  lose(drone: KnownDrone, why: FleetError): void {
    if (!drone.connection) return;
    drone.connection = null;
    drone.lostAt = performance.now();
    if (this.byName.get(drone.name) === drone) this.emit('lost', drone, why);
  }

  get(name: string): KnownDrone | undefined {
    return this.byName.get(name);
  }

  /** In order of name. */
  all(): readonly KnownDrone[] {
    this.forgetOld();
    this.inOrder ??= [...this.byName.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
    return this.inOrder;
  }

  /** The drones that are lost, among those named or all, with the seconds since then. */
  lost(names: readonly string[] | null = null): Record<string, number> {
    const lost = this.all().filter((drone) => drone.lost !== null && (names?.includes(drone.name) ?? true));
    return Object.fromEntries(lost.map((drone) => [drone.name, drone.lost ?? 0]));
  }

  connected(): KnownDrone[] {
    return this.all().filter(({ connection }) => connection);
  }

  /** The connection of a drone. ENODRONE if there is none by that name, or it is lost. */
  connection(name: string): DroneConnection {
    const drone = this.byName.get(name);
    if (drone?.connection) return drone.connection;
    const names = this.connected().map((one) => one.name);
    const why = drone
      ? `the drone ${name} is not connected (lost ${drone.lost}s ago)`
      : `there is no drone ${name}`;
    throw new FleetError('ENODRONE', `${why}; connected: ${names.join(', ') || 'none'}`);
  }

  /** The drones that have a process which was started by this very request. */
  withKey(key: string): KnownDrone[] {
    return this.all().filter(({ processes }) => {
      for (const { report } of processes.values()) if (report.key === key) return true;
      return false;
    });
  }

  hasId(id: string): boolean {
    for (const record of this.byName.values()) if (record.processes.has(id)) return true;
    return false;
  }

  private withIdentity(identity: string): KnownDrone | undefined {
    for (const record of this.byName.values()) if (record.identity === identity) return record;
    return undefined;
  }

  private put(record: KnownDrone): void {
    this.byName.set(record.name, record);
    this.inOrder = null;
  }

  private remove(name: string): void {
    this.byName.delete(name);
    this.inOrder = null;
  }

  /** For one more: the drone that was lost longest ago is forgotten where there are too many. */
  private makeRoom(): void {
    if (this.byName.size < MAX_DRONES) return;
    const lost = [...this.byName.values()].filter(({ connection }) => !connection);
    const [oldest] = lost.sort((a, b) => a.lostAt - b.lostAt);
    if (!oldest) throw new FleetError('ELIMIT', `this hub has ${MAX_DRONES} drones, and takes no more`);
    this.remove(oldest.name);
  }

  private forgetOld(): void {
    const oldest = performance.now() - REMEMBER_LOST_MS;
    for (const [name, record] of this.byName) {
      if (!record.connection && record.lostAt < oldest) this.remove(name);
    }
  }
}
