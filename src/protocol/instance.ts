/**
 * How an instance is doing. `starting`: not checked yet. A served one is `ready` or `not-ready`; one that is not served
 * is `up` once it has run for a while. `given-up`: it has failed too often and is not started again. Newer drones may
 * know more.
 */
export type InstanceState = 'starting' | 'ready' | 'not-ready' | 'up' | 'given-up' | (string & {});

/** How an instance is checked. Times are in milliseconds. */
export interface HealthCheck {
  /** `GET` this path; 200 to 399 passes. */
  path: string | null;
  /** The `Host` of that request. */
  host: string;
  /** A command that is run in the checkout, with the instance's environment; 0 passes. */
  command: string[] | null;
  intervalMs: number;
  timeoutMs: number;
  /** How long it may take until its first check passes. */
  withinMs: number;
  /** An instance that has failed for so long is restarted; null for never. */
  restartAfterMs: number | null;
}

/** What makes a process an instance of an app's service. */
export interface InstanceSpec {
  app: string;
  service: string;
  slot: number;
  release: number;
  /** If it is served: its drone gives it a port. */
  served: boolean;
  /** The port that it must have; null for one of the drone's range. */
  port: number | null;
  /** Null if it is not served. With neither path nor command: its port accepts connections. */
  health: HealthCheck | null;
  /** How long one that is not served must run to be `up`. */
  stableMs: number;
  /** What it is sent to make it stop. */
  stopSignal: string;
  /** How long it may take then, also when its drone restarts it. */
  graceMs: number;
  /** Memory of its whole tree above which it is restarted; null for no limit. */
  memoryBytes: number | null;
  /** Exits within a time after which it is given up; null for never. */
  maxRestarts: { count: number; withinMs: number } | null;
  /** Where it runs, inside the checkout; null for its root. */
  dir: string | null;
  /** Whose process it is: the drone is this user or root; null for the drone's own user. */
  user: string | null;
}

/** What a drone reports about an instance, beside what it reports about any process. */
export interface InstanceReport {
  app: string;
  service: string;
  slot: number;
  release: number;
  port: number | null;
  state: InstanceState;
  /** Why it is not ready. */
  why: string | null;
  /** Why it should be restarted; its drone does that by itself if the hub does not order it for a while. */
  restart?: string;
}

/** What a commit needs on a drone before an app's processes start from it. */
export interface Preparation {
  app: string;
  repo: string;
  commit: string;
  /** A shell command line, or the words of a command; null if nothing has to be built. */
  build: string[] | null;
  buildTimeoutMs: number;
  /** Paths that are copied from the last checkout that was built. */
  cache: string[];
  /** Links to the app's shared files. */
  shared: { path: string; directory: boolean }[];
  env: Record<string, string>;
  user: string | null;
  /** Builds anew, also if it was built before. */
  rebuild: boolean;
}

/** A command that runs once, and whose end its drone remembers. */
export interface JobSpec {
  id: string;
  /** Identifies the request: the same job, sent twice, runs once. */
  key: string;
  app: string;
  repo: string;
  commit: string;
  release: number;
  command: string[];
  env: Record<string, string>;
  timeoutMs: number;
  user: string | null;
}

/** How a job is doing. */
export interface JobReport {
  id: string;
  key: string;
  app: string;
  /** `running`, `ok` or `failed`. */
  state: 'running' | 'ok' | 'failed' | (string & {});
  /** Why it failed: `exited with code 1`. */
  why: string | null;
  /** Milliseconds that it has run, or ran. */
  elapsedMs: number;
}
