/** Milliseconds of running after which a process counts as healthy again. */
export const HEALTHY_AFTER = 600_000;
const FIRST = 1_000;
const LONGEST = 60_000;
const SPREAD = 0.25;

/** Milliseconds before the restart after the n-th failure in a row (from 1): 1 s, doubling to 60 s, ±25 %. */
export function respawnDelay(failures: number, random: () => number = Math.random): number {
  const plain = Math.min(LONGEST, FIRST * 2 ** Math.min(20, failures - 1));
  return Math.round(plain * (1 + SPREAD * (2 * random() - 1)));
}

/** How many failures in a row there are now that it has ended after `uptime` milliseconds. */
export function failuresAfter(before: number, uptime: number): number {
  return uptime >= HEALTHY_AFTER ? 1 : before + 1;
}
