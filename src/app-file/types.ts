import type { Command } from './command.ts';
import type { Host } from './host.ts';
import type { Selector } from './selector.ts';

/** What fleet.toml and the Procfile of a commit say, for an app or one of its stages. */
export interface AppFile {
  deploy: Deploy;
  /** For every process of the app. */
  env: Record<string, string>;
  /** In the order of the Procfile, then of fleet.toml. */
  services: Service[];
}

export interface Deploy {
  build: Command | null;
  buildTimeoutMs: number;
  /** Paths inside the checkout. */
  cache: string[];
  release: Release | null;
  /** Variables without which nothing starts. */
  needs: string[];
  shared: Shared[];
  keep: number;
  branch: string | null;
  /** Drones for which one of these is true; all drones if it is empty. */
  on: Selector[];
  user: string | null;
  signed: boolean;
  lfs: boolean;
  submodules: boolean;
  /** The file and line of these keys, as `fleet.toml:7`. */
  lines: { lfs: string; submodules: string };
}

/** The release command. */
export interface Release {
  command: Command;
  /** Empty: the drones of the first service. */
  on: Selector[];
  timeoutMs: number;
}

export interface Shared {
  path: string;
  directory: boolean;
}

export interface Service {
  name: string;
  /** The file and line of its declaration, for messages: `fleet.toml:7`. */
  at: string;
  command: Command;
  /** How many in all, or one on each drone. */
  count: number | 'each';
  /** As in {@link Deploy}. */
  on: Selector[];
  /** Whether it gets requests. */
  served: boolean;
  /** How it is known to be ready; null if it is not served. */
  health: Health | null;
  /** How long one that is not served runs until it is up. */
  stableMs: number;
  /** With `{app}` as it is: see `hostsOf`. */
  host: Host[];
  /** Null: each instance gets its own. */
  port: number | null;
  parallel: Parallel;
  order: 'start-first' | 'stop-first';
  drainMs: number;
  stop: { signal: NodeJS.Signals; graceMs: number; waitMs: number };
  memoryBytes: number | null;
  /** Null: it is always started again. */
  maxRestarts: { count: number; withinMs: number } | null;
  /** Inside the checkout; null for its root. */
  dir: string | null;
  /** After how long a lost drone's instances start elsewhere; null for never. */
  rescheduleMs: number | null;
  env: Record<string, string>;
}

export interface Health {
  check: { type: 'connection' } | { type: 'path'; path: string } | { type: 'command'; command: Command };
  intervalMs: number;
  timeoutMs: number;
  withinMs: number;
  /** How long it may fail before it is restarted; null for no limit. */
  restartAfterMs: number | null;
}

/** How many instances are replaced at a time. */
export type Parallel = number | { percent: number };
