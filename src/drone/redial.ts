import { type Backoff, backoffMs } from '../system/backoff.ts';

/** Five seconds at most, because a restarted hub waits for its drones. Spread so that they do not all come at once. */
const REDIAL: Backoff = { firstMs: 250, longestMs: 3_333, spread: 0.5 };
/** Drones that have lost one of several hubs come to the others within this time. */
const SPREAD_MS = 1_000;

/** Long for a hub that is well. Those that are not are kept so by drones that dial all of them, and give each up. */
const NEXT_HUB: Backoff = { firstMs: 1_000, longestMs: 3_000, spread: 0 };

/** Returns the milliseconds before the n-th redial, from 0. */
export function redialDelay(n: number, random: () => number = Math.random): number {
  return backoffMs(n, REDIAL, random);
}

/** Returns the same for a drone that has several hubs: the first time, it goes to another one. */
export function redialDelayOfSeveral(n: number, random: () => number = Math.random): number {
  return n === 0 ? SPREAD_MS * random() : redialDelay(n - 1, random);
}

/** Returns how many milliseconds one of several hubs has until the next is dialled beside it, at the n-th dial in a row, from 0. */
export function nextHubAfter(n: number): number {
  return backoffMs(Math.max(0, n - 1), NEXT_HUB);
}
