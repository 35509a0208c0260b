import { EventEmitter } from 'node:events';
import { FleetError } from '../../protocol/errors.ts';
import { REMEMBER_LOST_MS } from '../../protocol/limits.ts';
import { freeName } from '../../protocol/names.ts';
import type { SeenDrone } from '../state.ts';
import type { DroneConnection } from './drone.ts';
import { type Introduction, KnownDrone } from './known-drone.ts';
import type { OldReport } from './last-known.ts';

/** Drones that one hub knows, including those lost within the last hour. */
const MAX_DRONES = 10_000;

interface DirectoryEvents {
  joined: [KnownDrone];
  lost: [KnownDrone, FleetError];
  /** It was lost, and is not expected back. */
  forgotten: [KnownDrone];
  /** It has other labels. */
  labelled: [KnownDrone];
  /** It has reported something. */
  reported: [KnownDrone];
}

/**
 * The drones that the hub knows, and their processes. A name belongs to one drone from its first connection until an
 * hour after its last. */
export class DroneDirectory extends EventEmitter<DirectoryEvents> {
  /** By identity. */
  private readonly given = new Map<string, Record<string, string>>();
  private readonly byName = new Map<string, KnownDrone>();
  /**
   * Cache of `all`, until a drone joins or is forgotten: if a thousand rejoin at once, they are not sorted each time.
   */
  private inOrder: readonly KnownDrone[] | null = null;

  /** Adds a drone of before this hub's start, and what it last reported, so that nobody else gets its name. */
  remember(drone: SeenDrone, reports: readonly OldReport[] = []): void {
    const { identity, name, seen, connected, labels, ownLabels = {} } = drone;
    if (labels) this.given.set(identity, labels);
    const lostForMs = connected ? 0 : Math.max(0, Date.now() - seen);
    if (lostForMs >= REMEMBER_LOST_MS || this.byName.has(name)) return;
    const known = new KnownDrone(name, identity);
    known.lostAt = performance.now() - lostForMs;
    known.awaited = connected;
    known.ownLabels = ownLabels;
    known.givenLabels = labels ?? {};
    for (const { report, ageMs } of reports) known.know(report, ageMs);
    this.put(known);
  }

  /**
   * Adds a drone under the name that it asks for, or had before, and closes a connection that it left behind. Throws
   * ELIMIT if there are too many drones, EPROTOCOL if it has too many processes.
   */
  join(connection: DroneConnection, introduction: Introduction): KnownDrone {
    const { identity, name } = introduction;
    this.forgetOld();
    const before = this.withIdentity(identity);
    const isTaken = (one: string) => this.byName.has(one) && this.byName.get(one) !== before;
    const drone = new KnownDrone(freeName(name, isTaken), identity);
    drone.meet(introduction);
    drone.givenLabels = this.given.get(identity) ?? {};
    if (!before) this.makeRoom();
    before?.connection?.end(4001, 'this drone has connected again');
    if (before) this.remove(before.name);
    drone.connection = connection;
    drone.version = connection.features.version;
    this.put(drone);
    this.emit('joined', drone);
    return drone;
  }

  /** Marks a drone as lost, because its connection has ended. Does nothing if it has another one already. */
  lose(drone: KnownDrone, why: FleetError): void {
    if (!drone.connection) return;
    drone.connection = null;
    drone.lostAt = performance.now();
    if (this.byName.get(drone.name) === drone) this.emit('lost', drone, why);
  }

  /** Forgets a lost drone. Throws ENODRONE if there is none of that name, or if it is connected. */
  forget(name: string): void {
    const drone = this.byName.get(name);
    if (!drone) {
      const lost = Object.keys(this.lost()).join(', ') || 'none';
      throw new FleetError('ENODRONE', `there is no drone ${name}; lost: ${lost}`);
    }
    if (drone.connection)
      throw new FleetError('ENODRONE', `the drone ${name} is connected; only a lost one can be forgotten`);
    this.remove(name);
    this.given.delete(drone.identity);
    this.emit('forgotten', drone);
  }

  /** Gives a drone labels that win over its own, and takes others of these back. Throws ENODRONE. */
  label(name: string, set: Record<string, string>, unset: readonly string[]): void {
    const drone = this.byName.get(name);
    if (!drone) throw new FleetError('ENODRONE', `there is no drone ${name}; fleet drones lists them`);
    const kept = Object.entries(drone.givenLabels).filter(([key]) => !unset.includes(key));
    drone.givenLabels = { ...Object.fromEntries(kept), ...set };
    this.given.set(drone.identity, drone.givenLabels);
    this.emit('labelled', drone);
  }

  get(name: string): KnownDrone | undefined {
    return this.byName.get(name);
  }

  /** All drones, ordered by name. */
  all(): readonly KnownDrone[] {
    this.forgetOld();
    this.inOrder ??= [...this.byName.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
    return this.inOrder;
  }

  /** The lost drones among `names`, or among all for null, and for how many seconds each has been lost. */
  lost(names: readonly string[] | null = null): Record<string, number> {
    const lost = this.all().filter((drone) => drone.lost !== null && (names?.includes(drone.name) ?? true));
    return Object.fromEntries(lost.map((drone) => [drone.name, drone.lost ?? 0]));
  }

  connected(): KnownDrone[] {
    return this.all().filter(({ connection }) => connection);
  }

  /** The connection of a drone. Throws ENODRONE if there is no drone of that name, or if it is lost. */
  connection(name: string): DroneConnection {
    const drone = this.byName.get(name);
    if (drone?.connection) return drone.connection;
    const names = this.connected().map((one) => one.name);
    const why = drone
      ? `the drone ${name} is not connected (lost ${drone.lost}s ago)`
      : `there is no drone ${name}`;
    throw new FleetError('ENODRONE', `${why}; connected: ${names.join(', ') || 'none'}`);
  }

  /** The drones that have a process started by the request with this key. */
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

  withIdentity(identity: string): KnownDrone | undefined {
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

  /** Makes room for one more drone: at the limit, forgets the one that was lost longest ago. */
  private makeRoom(): void {
    if (this.byName.size < MAX_DRONES) return;
    const lost = [...this.byName.values()].filter(({ connection }) => !connection);
    const [oldest] = lost.sort((a, b) => a.lostAt - b.lostAt);
    if (!oldest) throw new FleetError('ELIMIT', `this hub already has ${MAX_DRONES} drones, its limit`);
    this.remove(oldest.name);
  }

  private forgetOld(): void {
    const oldest = performance.now() - REMEMBER_LOST_MS;
    for (const [name, record] of this.byName) {
      if (!record.connection && record.lostAt < oldest) this.remove(name);
    }
  }
}
