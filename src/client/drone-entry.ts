import type { Lag } from '../protocol/fetch.ts';
import type { Room } from '../system/machine.ts';

/** A drone as `drones` lists it. */
export interface DroneEntry {
  name: string;
  /** Seconds since the connection was lost; null while it is connected. */
  lost: number | null;
  /** The version of fleet that it runs. */
  version: string;
  /** What the files of apps select it by. */
  labels?: Record<string, string> | undefined;
  /** Where its instances are reached; null if that is not known. */
  address?: string | null | undefined;
  /** True if a proxy cannot reach its instances there. */
  unreached?: boolean | undefined;
  /** Processes that ran or waited on its machine, on average over the last minute; null if that is not known. */
  load?: number | null | undefined;
  memory?: Room | null | undefined;
  /** The file system of its directory. */
  disk?: Room | null | undefined;
  /** Commits that it lacks because a deploy has failed. */
  lags?: Lag[] | undefined;
}
