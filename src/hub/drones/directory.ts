import { EventEmitter } from 'node:events';
import { FleetError } from '../../protocol/errors.ts';
import { MAX_MESSAGE, REMEMBER_LOST } from '../../protocol/limits.ts';
import { freeName } from '../../protocol/names.ts';
import type { DroneStatus, ProcessReport, ProcessStatus } from '../../protocol/process.ts';
import type { Peer } from '../../rpc/peer.ts';

/** A process as its drone last reported it, and when (performance.now, so that no clock change matters). */
interface Known {
  report: ProcessReport;
  at: number;
}

/** Drones that one hub knows, those that were lost within the last hour among them. */
const MAX_DRONES = 10_000;
/** Processes of one drone, and characters of all their commands: what it could tell when it joins anew. */
const MAX_PROCESSES = 20_000;
const MAX_COMMANDS = MAX_MESSAGE;

/** A drone that is connected, or was within the last hour. */
export class DroneRecord {
  /** Null while it is lost. */
  peer: Peer | null = null;
  /** When it was lost, by performance.now. */
  lostAt = 0;
  readonly processes = new Map<string, Known>();
  private commands = 0;

  constructor(
    readonly name: string,
    /** Random and secret: what makes it this drone, whatever it is called. */
    readonly identity: string,
  ) {}

  /** EPROTOCOL where it reports more than a drone can have: memory at the hub is bounded. */
  know(report: ProcessReport): void {
    this.forget(report.id);
    this.commands += lengthOf(report);
    this.processes.set(report.id, { report, at: performance.now() });
    if (this.processes.size > MAX_PROCESSES || this.commands > MAX_COMMANDS)
      throw new FleetError(
        'EPROTOCOL',
        `a drone with more than ${MAX_PROCESSES} processes, or too long ones`,
      );
  }

  forget(id: string): void {
    const known = this.processes.get(id);
    if (known) this.commands -= lengthOf(known.report);
    this.processes.delete(id);
  }

  /** Seconds since it was lost; null while it is connected. */
  get lost(): number | null {
    return this.peer ? null : Math.round((performance.now() - this.lostAt) / 1000);
  }
}

function lengthOf({ command }: ProcessReport): number {
  return command.reduce((sum, word) => sum + word.length, 0);
}

/** What a report says now, some time after it was made. */
export function statusNow({ report, at }: Known, now = performance.now()): ProcessStatus {
  const { repo, commit, command, status, restarts, lastExit, pid } = report;
  const age = now - at;
  const uptime = status === 'running' ? Math.floor((report.uptime + age) / 1000) : 0;
  const respawnIn = status === 'running' ? 0 : Math.max(0, Math.ceil((report.respawnIn - age) / 1000));
  return { status, repo, commit, command, restarts, lastExit, pid, uptime, respawnIn };
}

/**
 * The drones that the hub knows, and their processes. A name belongs to one drone from its first connection until an
 * hour after its last. Emits `joined` and `lost` with the record.
 */
export class DroneDirectory extends EventEmitter<{ joined: [DroneRecord]; lost: [DroneRecord] }> {
  private readonly byName = new Map<string, DroneRecord>();
  /** What `all` gives, until a drone comes or is forgotten: a thousand that come back at once are not sorted each time. */
  private inOrder: readonly DroneRecord[] | null = null;

  /** A drone that was known before this hub started, so that nobody else gets its name. `lostFor` in milliseconds. */
  remember(name: string, identity: string, lostFor: number): void {
    if (lostFor >= REMEMBER_LOST || this.byName.has(name)) return;
    const record = new DroneRecord(name, identity);
    record.lostAt = performance.now() - Math.max(0, lostFor);
    this.put(record);
  }

  /**
   * Lets a drone in under the name that it wants, or had; a connection that it left behind is ended. ELIMIT where
   * there are too many, EPROTOCOL where it has too many processes.
   */
  join(peer: Peer, identity: string, wanted: string, processes: ProcessReport[]): DroneRecord {
    this.forgetOld();
    const before = this.withIdentity(identity);
    const isTaken = (name: string) => this.byName.has(name) && this.byName.get(name) !== before;
    const record = new DroneRecord(freeName(wanted, isTaken), identity);
    for (const report of processes) record.know(report);
    if (!before) this.makeRoom();
    before?.peer?.close(4001, 'this drone has connected anew');
    if (before) this.remove(before.name);
    record.peer = peer;
    this.put(record);
    this.emit('joined', record);
    return record;
  }

  /** The connection of a drone is over. Nothing happens when it has another one already. */
  lose(record: DroneRecord): void {
    if (!record.peer) return;
    record.peer = null;
    record.lostAt = performance.now();
    if (this.byName.get(record.name) === record) this.emit('lost', record);
  }

  get(name: string): DroneRecord | undefined {
    return this.byName.get(name);
  }

  /** In order of name. */
  all(): readonly DroneRecord[] {
    this.forgetOld();
    this.inOrder ??= [...this.byName.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
    return this.inOrder;
  }

  connected(): DroneRecord[] {
    return this.all().filter((record) => record.peer);
  }

  /** The drones that have a process of this id: one, but for a clash of ids. */
  owners(id: string): DroneRecord[] {
    return this.all().filter((record) => record.processes.has(id));
  }

  /** The connected drones that have a process which was started by this very request. */
  withKey(key: string): DroneRecord[] {
    return this.connected().filter(({ processes }) => {
      for (const { report } of processes.values()) if (report.key === key) return true;
      return false;
    });
  }

  hasId(id: string): boolean {
    for (const record of this.byName.values()) if (record.processes.has(id)) return true;
    return false;
  }

  /** What `ps` shows; `shows` says which processes. */
  status(shows: (repo: string) => boolean): Record<string, DroneStatus> {
    const now = performance.now();
    const drones: Record<string, DroneStatus> = {};
    for (const record of this.all()) {
      const processes: Record<string, ProcessStatus> = {};
      for (const [id, known] of record.processes) {
        if (shows(known.report.repo)) processes[id] = statusNow(known, now);
      }
      drones[record.name] = { lost: record.lost, processes };
    }
    return drones;
  }

  private withIdentity(identity: string): DroneRecord | undefined {
    for (const record of this.byName.values()) if (record.identity === identity) return record;
    return undefined;
  }

  private put(record: DroneRecord): void {
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
    const lost = [...this.byName.values()].filter((record) => !record.peer);
    const [oldest] = lost.sort((a, b) => a.lostAt - b.lostAt);
    if (!oldest) throw new FleetError('ELIMIT', `this hub has ${MAX_DRONES} drones, and takes no more`);
    this.remove(oldest.name);
  }

  private forgetOld(): void {
    const oldest = performance.now() - REMEMBER_LOST;
    for (const [name, record] of this.byName) {
      if (!record.peer && record.lostAt < oldest) this.remove(name);
    }
  }
}
