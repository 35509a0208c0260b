import { type Backoff, backoffMs } from '../system/backoff.ts';

/** Five seconds at most, because a restarted hub waits for its drones. Spread so that they do not all come at once. */
const REDIAL: Backoff = { firstMs: 250, longestMs: 3_333, spread: 0.5 };
/** Drones that have lost one of several hubs come to the others within this time. */
const SPREAD_MS = 1_000;

/** Returns the milliseconds before the n-th redial, from 0. */
export function redialDelay(n: number, random: () => number = Math.random): number {
  return backoffMs(n, REDIAL, random);
}

/** Returns the same for a drone that has several hubs: the first time, it goes to another one. */
export function redialDelayOfSeveral(n: number, random: () => number = Math.random): number {
  return n === 0 ? SPREAD_MS * random() : redialDelay(n - 1, random);
}
