import { FleetError } from '../../protocol/errors.ts';
import type { Lag } from '../../protocol/fetch.ts';
import type { JobReport } from '../../protocol/instance.ts';
import { MAX_MESSAGE_BYTES } from '../../protocol/limits.ts';
import type { ProcessReport } from '../../protocol/process.ts';
import { BoundedMap } from '../../system/bounded-map.ts';
import type { Drone, DroneConnection, KnownProcess } from './drone.ts';

/**
 * Limits for one drone: its processes, and the characters of all their commands, which must fit in one join message.
 */
const MAX_PROCESSES = 20_000;
const MAX_JOBS = 10_000;
const MAX_COMMAND_CHARACTERS = MAX_MESSAGE_BYTES;

/** What a drone says about itself when it joins. */
export interface Introduction {
  identity: string;
  /** The name that it asks for. */
  name: string;
  processes: ProcessReport[];
  start?: string | null;
  labels?: Record<string, string>;
  jobs?: JobReport[];
  /** Where its instances are reached. */
  address?: string | null;
  lags?: Lag[];
}

/** A drone that is connected to this hub, or was within the last hour, and what it has reported. */
export class KnownDrone implements Drone {
  connection: DroneConnection | null = null;
  /** When it was lost (performance.now). */
  lostAt = 0;
  version = '1.0.0';
  address: string | null = null;
  /** Of each start of the drone; null for one that does not say. */
  start: string | null = null;
  /** True if it was connected when the hub last ran and has not come back. */
  awaited = false;
  /** Counts its reports. */
  changes = 0;
  readonly processes = new Map<string, KnownProcess>();
  /** What it runs or has run once, by key. */
  readonly jobs = new BoundedMap<string, JobReport>(MAX_JOBS);
  /** What it says about itself. */
  ownLabels: Record<string, string> = {};
  /** What the hub was told; these win. */
  givenLabels: Record<string, string> = {};
  lags: readonly Lag[] = [];
  private commandCharacters = 0;

  constructor(
    readonly name: string,
    /** Random and secret: identifies the drone, whatever it is called. */
    readonly identity: string,
  ) {}

  get labels(): Record<string, string> {
    return { ...this.ownLabels, ...this.givenLabels };
  }

  get lost(): number | null {
    return this.connection ? null : Math.round((performance.now() - this.lostAt) / 1000);
  }

  /** Records what the drone says about itself. Throws EPROTOCOL as `know` does. */
  meet({ processes, start = null, labels = {}, jobs = [], address = null, lags = [] }: Introduction): void {
    for (const report of processes) this.know(report);
    for (const job of jobs) this.knowJob(job);
    this.ownLabels = labels;
    this.start = start;
    this.address = address;
    this.lags = lags;
  }

  /** Records what the drone reports about a process, or reported `ageMs` ago. Throws EPROTOCOL if it is too much. */
  know(report: ProcessReport, ageMs = 0): void {
    this.forget(report.id);
    this.commandCharacters += charactersOf(report);
    this.processes.set(report.id, { report, at: performance.now() - ageMs });
    if (this.processes.size > MAX_PROCESSES || this.commandCharacters > MAX_COMMAND_CHARACTERS)
      throw new FleetError(
        'EPROTOCOL',
        `the drone has more than ${MAX_PROCESSES} processes, or commands that are too long`,
      );
  }

  knowJob(report: JobReport): void {
    this.jobs.set(report.key, report);
  }

  forget(id: string): void {
    this.changes++;
    const known = this.processes.get(id);
    if (known) this.commandCharacters -= charactersOf(known.report);
    this.processes.delete(id);
  }
}

function charactersOf({ command }: ProcessReport): number {
  return command.reduce((sum, word) => sum + word.length, 0);
}
