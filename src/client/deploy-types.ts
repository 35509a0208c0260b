import type { FleetError } from '../protocol/errors.ts';
import type { FetchState } from '../protocol/fetch.ts';

/** Which commit of which repository. Names of revisions are resolved in `dir`, the current directory by default. */
export interface Release {
  dir?: string | undefined;
  repo?: string | undefined;
  commit?: string | undefined;
}

export interface DeployOptions extends Release {
  /** Replaces the checkouts with new ones, even if they are intact; pushes also a commit with a secret in its fleet.json. */
  force?: boolean | undefined;
  /** Selectors of the drones that get it, also when they come back; all drones by default. */
  drones?: string[] | undefined;
  /** Throws ENODRONE if one of them is lost, before anything is done. */
  strict?: boolean | undefined;
  onProgress?: (progress: DeployProgress) => void;
}

export interface DeployProgress {
  phase: 'push' | 'drones';
  /** Objects that were sent to the hub, or drones that have answered. */
  done: number;
  total: number;
  /** Of a push: bytes sent so far; null or left out while that is unknown. */
  bytes?: number | null;
  /** How far the fetch of a drone is, if that takes longer than a second. */
  fetching?: ({ drone: string } & FetchState) | null;
  /** What the hub says about a push: `held by h1 alone`, if no other hub of its cluster has the commit yet. */
  said?: string;
}

export interface DeployResult {
  repo: string;
  commit: string;
  /** False if the hub had the commit already. */
  pushed: boolean;
  /** The result of each connected drone; null is success. If empty, the hub keeps the commit for drones to come. */
  drones: Record<string, FleetError | null>;
  /** True if the commit has a fleet.toml or a Procfile: `up` releases it. */
  isApp: boolean;
  /** Drones that are lost, with the seconds since then: they catch up when they come back. */
  absent: Record<string, number>;
}
