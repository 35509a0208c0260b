import { FleetError } from '../../protocol/errors.ts';
import type { Fence } from '../../protocol/fence.ts';
import type { Lag } from '../../protocol/fetch.ts';
import type { JobReport } from '../../protocol/instance.ts';
import { MAX_MESSAGE_BYTES } from '../../protocol/limits.ts';
import type { ProcessReport } from '../../protocol/process.ts';
import type { MachineUse } from '../../system/machine.ts';
import { randomBytes } from '../../system/random.ts';
import type { Drone, DroneConnection, KnownProcess } from './drone.ts';
import type { Introduction } from './introduction.ts';
import { type ReportBudget, type Reported, sizeOf } from './report-budget.ts';

/**
 * Limits for one drone: its processes, and the characters of all their commands, which must fit in one join message.
 */
const MAX_PROCESSES = 20_000;
const MAX_JOBS = 10_000;
const MAX_COMMAND_CHARACTERS = MAX_MESSAGE_BYTES;

/** Its own labels, and those that the hub has given it. */
const MAX_LABELS = 64;

/** A drone that is connected to this hub or another one, or was within the last hour, and what it has reported. */
export class KnownDrone implements Drone {
  connection: DroneConnection | null = null;
  /** When it was lost (performance.now). */
  lostAt = 0;
  /** When it was connected (performance.now). */
  since = 0;
  /** Tells its connection from others, at all hubs. */
  key = '';
  /** The hub that it is connected to, or was last; null for this one. */
  via: string | null = null;
  version = '1.0.0';
  address: string | null = null;
  machine: MachineUse | null = null;
  /** Of each start of the drone; null for one that does not say. */
  start: string | null = null;
  /** True if it was connected when the hub last ran and has not come back. */
  awaited = false;
  /** Counts its reports. */
  changes = 0;
  readonly processes = new Map<string, KnownProcess>();
  /** What it runs or has run once, by key. */
  readonly jobs = new Map<string, JobReport>();
  /** What it says about itself. */
  ownLabels: Record<string, string> = {};
  /** What the hub was told; these win. */
  givenLabels: Record<string, string> = {};
  fences: Record<string, Fence> = {};
  private lacking: readonly Lag[] = [];
  private commandCharacters = 0;
  /** Of all reports, in the budget. */
  private characters = 0;

  constructor(
    readonly name: string,
    /** Random and secret: identifies the drone, whatever it is called. */
    readonly identity: string,
    /** Whose token it has joined with; null for the hub's secret, undefined if that is not known. */
    readonly by?: string | null,
    private readonly budget?: ReportBudget,
  ) {}

  get labels(): Record<string, string> {
    return { ...this.ownLabels, ...this.givenLabels };
  }

  /** Gives it labels that win over its own, and takes others of these back. Throws ELIMIT. */
  give(set: Record<string, string>, unset: readonly string[]): void {
    const kept = Object.entries(this.givenLabels).filter(([key]) => !unset.includes(key));
    const given = { ...Object.fromEntries(kept), ...set };
    if (Object.keys({ ...this.ownLabels, ...given }).length > MAX_LABELS)
      throw new FleetError(
        'ELIMIT',
        `${this.name} would have more than ${MAX_LABELS} labels; take some back with KEY-`,
      );
    this.givenLabels = given;
  }

  get lost(): number | null {
    return this.connection ? null : Math.round((performance.now() - this.lostAt) / 1000);
  }

  /** Records what the drone says about itself. Throws EPROTOCOL as `know` does. */
  meet({ processes, start = null, labels = {}, address = null, ...more }: Introduction): void {
    const { jobs = [], lags = [], fences = {}, via = null, since = performance.now(), key } = more;
    for (const report of processes) this.know(report);
    for (const job of jobs) this.knowJob(job);
    Object.assign(this, { ownLabels: labels, start, address, via, since });
    this.key = key ?? randomBytes(16).toString('hex');
    this.lack(lags);
    this.take(fences);
    this.fences = fences;
    this.take(labels);
  }

  /** Meets it in the place, and the part of the budget, of its record from before. Throws EPROTOCOL as `know` does. */
  meetInsteadOf(before: KnownDrone | undefined, introduction: Introduction): void {
    try {
      before?.release();
      this.meet(introduction);
    } catch (error) {
      this.release();
      before?.retake();
      throw error;
    }
  }

  /** Records what the drone reports about a process, or reported `ageMs` ago. Throws EPROTOCOL if it is too much. */
  know(report: ProcessReport, ageMs = 0): void {
    this.forget(report.id);
    const commandCharacters = this.commandCharacters + charactersOf(report);
    if (this.processes.size >= MAX_PROCESSES || commandCharacters > MAX_COMMAND_CHARACTERS)
      throw new FleetError(
        'EPROTOCOL',
        `the drone has more than ${MAX_PROCESSES} processes, or commands that are too long`,
      );
    this.take(report);
    this.commandCharacters = commandCharacters;
    this.processes.set(report.id, { report, at: performance.now() - ageMs });
  }

  /** Records a job; at the limit, the one that was reported longest ago is forgotten. Throws EPROTOCOL as `know` does. */
  knowJob(report: JobReport): void {
    this.forgetJob(report.key);
    this.take(report);
    this.jobs.set(report.key, report);
    const [oldest] = this.jobs.keys();
    if (this.jobs.size > MAX_JOBS && oldest !== undefined) this.forgetJob(oldest);
  }

  get lags(): readonly Lag[] {
    return this.lacking;
  }

  /** Records what it lacks. Throws EPROTOCOL as `know` does. */
  lack(lags: readonly Lag[]): void {
    for (const lag of this.lacking) this.giveBack(lag);
    const taken: Lag[] = [];
    this.lacking = taken;
    for (const lag of lags) {
      this.take(lag);
      taken.push(lag);
    }
  }

  forget(id: string): void {
    this.changes++;
    const known = this.processes.get(id);
    if (!known) return;
    this.commandCharacters -= charactersOf(known.report);
    this.giveBack(known.report);
    this.processes.delete(id);
  }

  /** Gives back what it takes of the budget, because it is forgotten. */
  release(): void {
    this.budget?.giveBack(this.characters);
    this.characters = 0;
  }

  /** Undoes `release`. */
  private retake(): void {
    for (const { report } of this.processes.values()) this.take(report);
    for (const one of [...this.jobs.values(), ...this.lacking, this.fences, this.ownLabels]) this.take(one);
  }

  private forgetJob(key: string): void {
    const known = this.jobs.get(key);
    if (known) this.giveBack(known);
    this.jobs.delete(key);
  }

  private take(report: Reported): void {
    if (!this.budget) return;
    const size = sizeOf(report);
    this.budget.take(size);
    this.characters += size;
  }

  private giveBack(report: Reported): void {
    if (!this.budget) return;
    // What is known of a drone that was replaced is in the budget no more.
    const given = Math.min(sizeOf(report), this.characters);
    this.characters -= given;
    this.budget.giveBack(given);
  }
}

function charactersOf({ command }: ProcessReport): number {
  return command.reduce((sum, word) => sum + word.length, 0);
}
