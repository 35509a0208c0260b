import type { HubTarget } from '../protocol/address.ts';
import type { LogInfo } from '../protocol/answers.ts';
import type { FleetError } from '../protocol/errors.ts';
import type { HubEvent } from '../protocol/events.ts';
import type { DroneStatus, LastExit } from '../protocol/process.ts';
import type { TerminalSize, TerminalSpec } from '../protocol/terminal.ts';
import type { AdminClient } from './admin-types.ts';
import type { AppsClient } from './app-types.ts';
import type { DeployOptions, DeployProgress, DeployResult, Release } from './deploy-types.ts';
import type { DroneEntry } from './drone-entry.ts';
import type { LogItem } from './log-types.ts';
import type { TokenOptions } from './token-types.ts';
import type { TrafficClient } from './traffic-types.ts';

export type { HubEntry } from '../protocol/answers.ts';
export type { RepositoryInfo } from './admin-types.ts';
export type { DeployOptions, DeployProgress, DeployResult, DroneEntry, LogItem, Release, TokenOptions };

export interface ConnectOptions extends HubTarget {
  /** Milliseconds without a sign of life from the hub until a call fails with ETIMEOUT; 10,000 by default. */
  timeout?: number | undefined;
}

/** A drone's name, `*`, `/regex/flags` of names, or `KEY=VALUE` of a label; matched on the client. */
export type DroneSelector = string;

export interface RunOptions extends Release {
  /** If left out, one drone is picked at random. */
  drones?: DroneSelector[] | undefined;
  /** Throws ENODRONE if one of these drones is lost, before anything is started. */
  strict?: boolean | undefined;
  command: string[];
  /** Where it runs, relative to the checkout, which is the default. */
  cwd?: string | undefined;
  env?: Record<string, string> | undefined;
  /** Gives it the environment of the app, or of a stage of it, beneath `env`. */
  appEnv?: { stage: string | null } | undefined;
  /** Labels to select the processes by, besides their repository and commit. */
  labels?: Record<string, string> | undefined;
}

export interface SpawnOptions extends RunOptions {
  /** `auto` gives each process a port of its drone's range, in the variable `PORT`. */
  port?: 'auto' | undefined;
}

/** The new process on each drone; `error` if it could not be started there. */
export interface SpawnResult {
  drones: Record<string, { id: string; port: number | null; error: FleetError | null }>;
  /** Drones that the selectors pick and that are lost, with the seconds since then: nothing was started there. */
  absent: Record<string, number>;
}

/** Why a process did not stay: how it has ended, or somebody has `stopped` it, or its drone is `lost`. */
export type NotStable = LastExit | 'stopped' | 'lost';

export interface ExecOptions extends RunOptions {
  /** Throws EUSAGE if more than one drone is selected, before anything runs. */
  single?: boolean | undefined;
  /** Forwarded to each process, as fast as the slowest reads. */
  stdin?: NodeJS.ReadableStream | undefined;
  /** Runs it on a terminal like this one, where standard error is part of its output. Requires a single drone. */
  terminal?: TerminalSpec | undefined;
}

export interface RunInAppOptions
  extends Omit<RunOptions, 'labels' | 'appEnv' | 'cwd' | 'strict'>,
    Pick<ExecOptions, 'stdin' | 'terminal'> {
  stage?: string | undefined;
  /** The service whose environment and directory it has. */
  service?: string | undefined;
}

export interface ExecChunk {
  drone: string;
  id: string;
  stream: 'stdout' | 'stderr';
  /** Bytes as the process wrote them. */
  bytes: Buffer;
}

/** Processes that run once, tied to this client. Iterate to the end, or `kill` them; a slow reader slows them down. */
export interface Execution extends AsyncIterable<ExecChunk | ExecExit> {
  readonly processes: { drone: string; id: string }[];
  /** Drones on which it could not be started, and why. */
  readonly failed: { drone: string; error: FleetError }[];
  /** Drones that the selectors pick and that are lost, with the seconds since then: it does not run there. */
  readonly absent: Record<string, number>;
  kill(signal?: NodeJS.Signals): Promise<void>;
  /** Changes the size of its terminal. */
  resize(size: TerminalSize): Promise<void>;
}

/** A command of an app. */
export interface AppRun extends Execution {
  /** Why the checkout is not prepared for the app; null if it is, or if nothing is live. */
  readonly unprepared: string | null;
}

export interface ExecExit extends LastExit {
  drone: string;
  id: string;
  exited: true;
}

/** A process as `pid#ID`, `ID`, `DRONE#ID`. */
export type ProcessSelector = string;

export interface StopOptions {
  /** Milliseconds between SIGTERM and SIGKILL; 5,000 by default. */
  grace?: number | undefined;
  /** Ends instances of apps too. */
  force?: boolean | undefined;
}

export interface RestartOptions extends StopOptions {
  /** Variables that the processes have from now on, beside theirs. */
  env?: Record<string, string> | undefined;
}

export interface StopReport {
  drones: Record<string, { stopped: string[]; killed: string[]; errors: Record<string, FleetError> }>;
  /** Ids that no drone has. */
  unknown: string[];
  /** Drones that have not come back since the hub started, with the seconds since then: more may run there. */
  absent: Record<string, number>;
  /** How many instances of each app were selected and left alone. */
  leftAlone: Record<string, number>;
}

/** Selects processes: all given conditions must hold; none selects all. */
export interface ProcessFilter {
  ids?: ProcessSelector[] | undefined;
  repo?: string | undefined;
  /** A commit's hash, or the beginning of it. */
  commit?: string | undefined;
  labels?: Record<string, string> | undefined;
  drones?: DroneSelector[] | undefined;
  /** A service of an app. */
  service?: string | undefined;
  /** A stage of a repository's; the empty text is the app that is not a stage. */
  stage?: string | undefined;
}

/** An item of `monitor`: an event, output, or how many lines were dropped. */
export type MonitorItem =
  | { kind: 'event'; event: HubEvent }
  | { kind: 'lines'; drone: string; id: string; lines: string[]; time: number }
  /** The beginning of a line that is unfinished for a while, or more of it; `lines` has all of it when it is finished. */
  | { kind: 'unfinished'; drone: string; id: string; text: string; time: number }
  /** At least so many, if `atLeast`. */
  | { kind: 'dropped'; lines: number; atLeast?: boolean }
  /** How many events were missed: the hub no longer had them after a reconnect. Null if another hub cannot say that. */
  | { kind: 'missed'; events: number | null }
  /** The connection to the hub was lost, or is back. */
  | { kind: 'connection'; connected: boolean };

export interface MonitorOptions extends Pick<ProcessFilter, 'drones' | 'repo' | 'service' | 'stage'> {
  signal?: AbortSignal | undefined;
}

export interface LogsOptions extends ProcessFilter {
  /** Only what is of this release of the app `repo`: of its build, its command and its instances. */
  release?: number | undefined;
  /** How many of the newest lines of the merged stream; all if left out. */
  lines?: number | undefined;
  /** Milliseconds since 1970. */
  since?: number | undefined;
  follow?: boolean | undefined;
  grep?: RegExp | undefined;
  signal?: AbortSignal | undefined;
}

/** A connection to a hub: one method per command. Every method rejects with FleetError. */
export interface Client extends AppsClient, TrafficClient, AdminClient {
  drones(): Promise<DroneEntry[]>;
  /** By drone, by id: `{drone: {lost, processes: {id: {status, repo, commit, command, …}}}}`. */
  ps(filter?: ProcessFilter): Promise<Record<string, DroneStatus>>;
  deploy(options?: DeployOptions): Promise<DeployResult>;
  spawn(options: SpawnOptions): Promise<SpawnResult>;
  /**
   * Resolves when these processes (`DRONE#ID`), which were started just now, have run for `ms`, or none is left that does.
   * Returns those that did not run so long without an exit.
   */
  untilStable(processes: ProcessSelector[], ms: number): Promise<Record<ProcessSelector, NotStable>>;
  exec(options: ExecOptions): Promise<Execution>;
  /** Runs a command of an app once, on one drone, with its environment and in the checkout of its live release. */
  run(options: RunInAppOptions): Promise<AppRun>;
  stop(which: ProcessSelector[] | ProcessFilter, options?: StopOptions): Promise<StopReport>;
  restart(which: ProcessSelector[] | ProcessFilter, options?: RestartOptions): Promise<StopReport>;
  /** Returns the ids, as `DRONE#ID`, of the matching processes. */
  find(filter: ProcessFilter): Promise<ProcessSelector[]>;
  /** Continues across lost connections until the signal aborts or the iterator ends. */
  monitor(options?: MonitorOptions): AsyncIterableIterator<MonitorItem>;
  logs(options?: LogsOptions): AsyncIterableIterator<LogItem>;
  logList(drones?: DroneSelector[]): Promise<Record<string, LogInfo[]>>;
  close(): void;
}
