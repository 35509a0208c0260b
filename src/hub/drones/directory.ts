import { EventEmitter } from 'node:events';
import { FleetError } from '../../protocol/errors.ts';
import { REMEMBER_LOST_MS } from '../../protocol/limits.ts';
import { mustHaveRoom, nameFor } from './admission.ts';
import type { DirectoryEvents } from './directory-events.ts';
import { type DroneConnection, REPLACED } from './drone.ts';
import { DroneNames } from './drone-names.ts';
import { DroneRecords } from './drone-records.ts';
import type { Introduction } from './introduction.ts';
import { KnownDrone } from './known-drone.ts';
import type { OldReport } from './last-known.ts';
import { ReportBudgets } from './report-budget.ts';
import type { SeenDrone } from './seen-drones.ts';

/** Whose names are those of drones that joined with the hub's secret. No token is called so. */
const OWNER = 'secret';

/**
 * The drones that the hub knows, and their processes. A name belongs to one drone from its first connection until an
 * hour after its last. */
export class DroneDirectory extends EventEmitter<DirectoryEvents> {
  /** By identity. */
  private readonly given = new Map<string, Record<string, string>>();
  private readonly records = new DroneRecords();
  private readonly names = new DroneNames();
  private readonly budgets = new ReportBudgets();

  constructor() {
    super();
    this.setMaxListeners(0);
  }

  /** Adds a drone of before this hub's start, and what it last reported, so that nobody else gets its name. */
  remember(drone: SeenDrone, reports: readonly OldReport[] = []): void {
    const { identity, name, seen, connected, labels, ownLabels = {}, address = null, by } = drone;
    if (by !== undefined) this.names.bind(name, by ?? OWNER, identity);
    if (labels) this.given.set(identity, labels);
    const lostForMs = connected ? 0 : Math.max(0, Date.now() - seen);
    if (lostForMs >= REMEMBER_LOST_MS || this.records.named(name)) return;
    const known = new KnownDrone(name, identity, by);
    known.lostAt = performance.now() - lostForMs;
    Object.assign(known, { awaited: connected, address, ownLabels, givenLabels: labels ?? {} });
    for (const { report, ageMs } of reports) known.know(report, ageMs);
    this.records.put(known);
  }

  /**
   * Adds a drone under the name that it is given, or asks for, or that its token is for, and closes a connection that it left
   * behind. Throws ELIMIT if there are too many drones, EPROTOCOL if it has too many processes, EDUPLICATE for a name that is taken.
   */
  join(connection: DroneConnection, introduction: Introduction): KnownDrone {
    const { identity, by = null } = introduction;
    this.forgetOld();
    const before = this.withIdentity(identity);
    if (!before && introduction.via === undefined) mustHaveRoom(this.records.values(), by);
    const name = introduction.given ?? this.nameFor(introduction, () => false);
    const other = this.records.named(name);
    if (other && other !== before) this.replace(other);
    const drone = new KnownDrone(name, identity, by, this.budgets.of(by));
    drone.meetInsteadOf(before, introduction);
    drone.givenLabels = this.given.get(identity) ?? {};
    before?.connection?.end(REPLACED, 'this drone has connected again');
    if (before) this.records.remove(before);
    this.names.bind(drone.name, by ?? OWNER, identity);
    drone.connection = connection;
    drone.version = connection.features.version;
    this.records.put(drone);
    this.emit('joined', drone, before);
    return drone;
  }

  /** Returns the name that a drone gets that joins, which is none of those that are `claimed` by others. Throws EDUPLICATE. */
  nameFor(introduction: Introduction, claimed: (name: string) => boolean): string {
    const before = this.withIdentity(introduction.identity);
    const has = (one: string) => {
      const known = this.records.named(one);
      return (known !== undefined && known !== before) || claimed(one);
    };
    return nameFor(introduction, has, this.names);
  }

  /** Keeps a name for the drone of a token. */
  reserve(name: string, token: string): void {
    this.names.bind(name, token, '');
  }

  /** Marks a drone as lost, because its connection has ended. Does nothing if it has another one already. */
  lose(drone: KnownDrone, why: FleetError): void {
    if (!drone.connection) return;
    drone.connection = null;
    this.records.lost(drone);
    drone.machine = null;
    drone.lostAt = performance.now();
    if (this.records.named(drone.name) === drone) this.emit('lost', drone, why);
  }

  /** Forgets a lost drone. Throws ENODRONE if there is none of that name, or if it is connected. */
  forget(name: string): void {
    const drone = this.records.named(name);
    if (!drone) {
      const lost = Object.keys(this.lost()).join(', ') || 'none';
      throw new FleetError('ENODRONE', `there is no drone ${name}; lost: ${lost}`);
    }
    if (drone.connection)
      throw new FleetError('ENODRONE', `the drone ${name} is connected; only a lost one can be forgotten`);
    this.records.remove(drone);
    this.names.free(name);
    this.given.delete(drone.identity);
    this.emit('forgotten', drone);
  }

  /** Frees the name of a drone that was lost long ago; returns false if nobody has it. */
  free(name: string): boolean {
    if (this.records.named(name) || !this.names.free(name)) return false;
    this.emit('freed', name);
    return true;
  }

  /** Gives a drone labels that win over its own, and takes others of these back. Throws ENODRONE, ELIMIT. */
  label(name: string, set: Record<string, string>, unset: readonly string[]): void {
    const drone = this.records.named(name);
    if (!drone) throw new FleetError('ENODRONE', `there is no drone ${name}; fleet drones lists them`);
    drone.give(set, unset);
    this.given.set(drone.identity, drone.givenLabels);
    this.emit('labelled', drone);
  }

  get(name: string): KnownDrone | undefined {
    return this.records.named(name);
  }

  /** All drones, ordered by name. */
  all(): readonly KnownDrone[] {
    this.forgetOld();
    return this.records.inOrder();
  }

  /** The lost drones among `names`, or among all for null, and for how many seconds each has been lost. */
  lost(names: readonly string[] | null = null): Record<string, number> {
    const lost = this.all().filter((drone) => drone.lost !== null && (names?.includes(drone.name) ?? true));
    return Object.fromEntries(lost.map((drone) => [drone.name, drone.lost ?? 0]));
  }

  connected(): KnownDrone[] {
    return this.all().filter(({ connection }) => connection);
  }

  /** How many drones there are, and how many of them are lost. */
  get counts(): { all: number; lost: number } {
    return this.records.counts;
  }

  /** The connection of a drone. Throws ENODRONE if there is no drone of that name, or if it is lost. */
  connection(name: string): DroneConnection {
    const drone = this.records.named(name);
    if (drone?.connection) return drone.connection;
    // Without the names of others, which not everybody may see, and of which there may be thousands.
    const why = drone
      ? `the drone ${name} is not connected (lost ${drone.lost}s ago)`
      : `there is no drone ${name}`;
    throw new FleetError('ENODRONE', `${why}; fleet drones lists them`);
  }

  /** True if some are named, and all of these are connected. */
  hasAll(names: readonly string[] | null): boolean {
    return names !== null && names.length > 0 && names.every((name) => this.records.named(name)?.connection);
  }

  /** The drones that have a process started by the request with this key. */
  withKey(key: string): KnownDrone[] {
    return this.records.withKey(key);
  }

  hasId(id: string): boolean {
    return this.records.hasId(id);
  }

  /** True if another drone than that of `identity` is connected and has an instance with this id. */
  hasInstance(id: string, identity: string): boolean {
    return this.records.hasInstance(id, identity);
  }

  withIdentity(identity: string): KnownDrone | undefined {
    return this.records.withIdentity(identity);
  }

  /** Removes a drone whose name was given to another one. Throws EDUPLICATE if it is connected. */
  private replace(drone: KnownDrone): void {
    if (drone.connection)
      throw new FleetError('EDUPLICATE', `another drone called ${drone.name} is connected`);
    this.records.remove(drone);
  }

  private forgetOld(): void {
    for (const drone of this.records.takeOld()) this.emit('expired', drone);
  }
}
