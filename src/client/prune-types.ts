import type { FleetError } from '../protocol/errors.ts';

/** What `prune` has removed. Sizes are bytes. */
export interface PruneReport {
  /** `freed` includes the drone's mirrors. */
  drones: Record<
    string,
    { checkouts: { app: string; commit: string; bytes: number }[]; freed: number } | FleetError
  >;
  /** Drones that are lost, with the seconds since then. */
  absent: Record<string, number>;
  /** What the hub's repositories have freed. */
  repositories: number;
}
