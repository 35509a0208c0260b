import type { Lag } from './fetch.ts';
import type { InstanceState } from './instance.ts';
import type { LastExit } from './process.ts';

/**
 * How far a release has come:
 *
 *     building ──► releasing ──► rolling ──► live ──► retired
 *         │            │         │  ▲ │       └─────► stopped
 *         │            │         ▼  │ └──► reverting ──► failed, cancelled
 *         │            │        canary ──────▲
 *         └────────────┴──► failed, cancelled
 */
export type ReleaseState =
  | 'building'
  | 'releasing'
  | 'rolling'
  | 'canary'
  | 'live'
  | 'reverting'
  | 'retired'
  | 'failed'
  | 'cancelled'
  | 'stopped'
  | (string & {});

/** Names of variables that a release has set and unset. */
export interface EnvironmentChange {
  set: string[];
  /** Those of `set` that had another value before. */
  changed: string[];
  unset: string[];
}

/** A release, as `fleet releases` shows it. */
export interface ReleaseInfo {
  release: number;
  app: string;
  commit: string;
  subject: string;
  state: ReleaseState;
  /** When it began; ISO 8601. */
  time: string;
  by: string;
  /** Why it failed. */
  why: string | null;
  /** The release that it repeats. */
  of: number | null;
  env: EnvironmentChange;
}

/** How many instances of a service there are, and should be. */
export interface ServiceCount {
  ready: number;
  count: number;
  /** What fleet.toml says, if it was scaled. */
  file?: number | 'each' | undefined;
  /** Instances that went ahead and are ready, of a release that rests as a canary. */
  canary?: number | undefined;
}

/** An instance, as `fleet status` shows it. What is not known is null. */
export interface InstanceStatus {
  slot: number;
  drone: string;
  id: string | null;
  port: number | null;
  state: InstanceState | 'missing' | 'leaving';
  why: string | null;
  release: number | null;
  commit: string | null;
  /** Percent of one core. */
  cpu: number | null;
  memory: number | null;
  /** Seconds. */
  uptime: number | null;
  restarts: number | null;
  lastExit: LastExit | null;
}

/** A service, as `fleet status` shows it. */
export interface ServiceStatus {
  /** How many there should be: a number, or `each`. */
  count: number | 'each';
  /** What fleet.toml says. */
  file: number | 'each';
  /** True if `fleet scale` has said otherwise. */
  scaled: boolean;
  ready: number;
  instances: InstanceStatus[];
}

/** An app, as `fleet status` shows it. */
export interface AppStatus {
  app: string;
  /** The live release; null if there is none. */
  release: number | null;
  state: ReleaseState | null;
  commit: string | null;
  subject: string | null;
  /** When it became live; ISO 8601. */
  time: string | null;
  by: string | null;
  /** True if every service has all it should have, ready, of the live release. */
  ok: boolean;
  /** What is wrong with the app as a whole, or under way, in a line. */
  why: string | null;
  services: Record<string, ServiceStatus>;
  /** What drones lack of the repository because a deploy has failed; a hub before 1.1 does not say. */
  lags?: ({ drone: string } & Lag)[];
  /** Drones with its instances that have no address at which all who bring requests reach them. */
  unreached?: string[];
}

/** Something that happens to a release of an app, or to the app. */
export type AppEvent = { app: string; repo: string; release: number } & (
  | {
      type: 'release';
      state: ReleaseState;
      why: string | null;
      by: string;
      commit: string;
      subject: string;
      of: number | null;
      replaces: { release: number; commit: string } | null;
      env: EnvironmentChange;
      services: Record<string, ServiceCount>;
      /** Seconds since it began, without those in which a canary has waited to be promoted. */
      elapsed: number;
      /** Drones on which some of it should run, and which are lost. */
      lost: string[];
      /** Lines for whoever follows the release. */
      notes: string[];
    }
  | {
      type: 'build';
      drones: string[];
      done: number;
      failed: Record<string, string>;
      elapsed: number;
      /** The last lines of the builds that failed. */
      tail: string[];
    }
  | {
      type: 'job';
      drone: string;
      id: string;
      state: 'running' | 'ok' | 'failed' | (string & {});
      why: string | null;
      command: string[];
      elapsed: number;
      tail: string[];
    }
  | {
      type: 'instance';
      drone: string;
      service: string;
      slot: number;
      id: string;
      port: number | null;
      state: InstanceState | 'leaving' | 'gone' | 'failed';
      why: string | null;
      elapsed: number;
      tail: string[];
    }
);
