import { type Backoff, backoffMs } from '../../system/backoff.ts';

/** A run this long counts as healthy: its end is the first failure of a new series. */
export const HEALTHY_AFTER_MS = 600_000;
/** Spread, so that processes that died together do not come back together. */
const RESPAWN: Backoff = { firstMs: 1_000, longestMs: 60_000, spread: 0.25 };

/** Returns the milliseconds to wait before the start that follows the n-th failure in a row, from 1. */
export function respawnDelayMs(failures: number, random: () => number = Math.random): number {
  return Math.round(backoffMs(failures - 1, RESPAWN, random));
}

/** Returns how many failures in a row there are once a run of `uptimeMs` has ended. */
export function failuresAfter(before: number, uptimeMs: number): number {
  return uptimeMs >= HEALTHY_AFTER_MS ? 1 : before + 1;
}
