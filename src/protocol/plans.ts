import type { AppStatus, EnvironmentChange, ReleaseState, ServiceCount } from './apps.ts';

/** What would be done to one instance, and where. */
export interface PlannedStep {
  do: 'start' | 'replace' | 'stop';
  service: string;
  slot: number;
  /** Where it would run; where it runs, if it would be stopped. */
  drone: string;
  /** The instance that would be replaced or stopped. */
  id: string | null;
  port?: number | null;
  /** The drone of the instance that would be replaced. */
  from?: string | null;
}

/** What a command about an app would do. A hub before 1.1 names the steps alone. */
export interface ReleasePlan {
  app: string;
  release: number;
  steps: PlannedStep[];
  /** The release that would begin; null if none would. */
  begin?: PlannedBegin | null;
  /** How it would end, if all goes well. */
  end?: PlannedEnd;
  /** The status of an app whose live release is the same already: nothing would begin. */
  live?: AppStatus;
}

export interface PlannedBegin {
  commit: string;
  subject: string;
  by: string;
  /** The release that it would repeat. */
  of: number | null;
  replaces: { release: number; commit: string } | null;
  env: EnvironmentChange;
  notes: string[];
  /** The drones that would get the commit. */
  drones: string[];
  /** Whether it would be built there. */
  builds: boolean;
  /** The release command, and where it would run; null if there is none. */
  job: { drone: string; command: string[] } | null;
}

export interface PlannedEnd {
  state: ReleaseState;
  /** Why it would fail, as far as that can be known; null if nothing speaks against it. */
  why: string | null;
  services: Record<string, ServiceCount>;
  /** The release that would serve on. */
  replaces: { release: number; commit: string } | null;
  lost: string[];
}
