import type { Lag } from '../protocol/fetch.ts';

/** A drone as `drones` lists it. */
export interface DroneEntry {
  name: string;
  /** Seconds since the connection was lost; null while it is connected. */
  lost: number | null;
  /** The version of fleet that it runs. */
  version: string;
  /** What the files of apps select it by. */
  labels?: Record<string, string> | undefined;
  /** Commits that it lacks because a deploy has failed. */
  lags?: Lag[] | undefined;
}
