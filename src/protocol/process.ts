import type { Lag } from './fetch.ts';
import type { InstanceReport, InstanceSpec, InstanceState } from './instance.ts';

/** How the last run of a process ended; `error` if it could not be started. */
export interface LastExit {
  code: number | null;
  signal: string | null;
  error?: string;
}

/** `given up`: it has ended too often, and is not started again by itself. `unknown`: it runs, and its drone no longer knows what was promised. Newer drones may know more. */
export type ProcessPhase = 'running' | 'respawning' | 'unknown' | (string & {});

/** What a drone promised to run. */
export interface ProcessSpec {
  id: string;
  /** Identifies the request: the same spawn, sent twice, runs once. */
  key: string;
  repo: string;
  commit: string;
  command: string[];
  /** What `--env` and the remote gave; nothing else. */
  env: Record<string, string>;
  /** What it can be selected by, besides its repository and commit. */
  labels?: Record<string, string> | undefined;
  /** Where it starts, relative to the checkout, if not there; an instance has its own. */
  cwd?: string | undefined;
  /** The port that its drone has given it; `auto` until then. An instance has its own. */
  port?: number | 'auto' | undefined;
  /** If it is an instance of an app's service. */
  instance?: InstanceSpec | null | undefined;
}

/** A process as its drone reports it. The environment stays on the drone: it may hold secrets. */
export interface ProcessReport {
  id: string;
  key: string;
  repo: string;
  commit: string;
  command: string[];
  labels?: Record<string, string> | undefined;
  status: ProcessPhase;
  /** Restarts since it was spawned. */
  restarts: number;
  lastExit: LastExit | null;
  /** Milliseconds that it has been running. */
  uptime: number;
  /** Milliseconds until the next start; 0 while it runs. */
  respawnIn: number;
  /** The operating system's process id; null while it does not run. */
  pid: number | null;
  /** The port that its drone has given it; an instance has its own. */
  port?: number | undefined;
  /** If it is an instance of an app's service. */
  instance?: InstanceReport | undefined;
  /** Percent of one core that it uses with everything that it has started. */
  cpu?: number | undefined;
  /** Bytes of memory, likewise. */
  memory?: number | undefined;
}

/** A process as `ps --json` shows it. */
export interface ProcessStatus {
  status: ProcessPhase;
  repo: string;
  commit: string;
  command: string[];
  restarts: number;
  lastExit: LastExit | null;
  pid: number | null;
  /** Seconds. */
  uptime: number;
  /** Seconds until the next start; 0 while it runs. */
  respawnIn: number;
  /** The port that its drone has given it; null if it has none. */
  port?: number | null | undefined;
  /** The full name of the app whose instance it is; null, as the next four, if it was spawned by hand. */
  app?: string | null | undefined;
  service?: string | null | undefined;
  slot?: number | null | undefined;
  release?: number | null | undefined;
  state?: InstanceState | null | undefined;
  /** Percent of one core that it uses with everything that it has started; null if that is not known. */
  cpu?: number | null | undefined;
  /** Bytes of memory, likewise. */
  memory?: number | null | undefined;
}

/** A drone as `ps` shows it. */
export interface DroneStatus {
  /** Seconds since the connection was lost; null while it is connected. */
  lost: number | null;
  /** True if it has not come back since the hub started; its processes are what it told before. */
  awaited?: boolean | undefined;
  /** Commits that it lacks because a deploy has failed. */
  lags?: Lag[] | undefined;
  processes: Record<string, ProcessStatus>;
}
