/** How long to wait between failed attempts. */
export interface Backoff {
  firstMs: number;
  longestMs: number;
  /** How far a wait may deviate either way, as a fraction of it: 0.5 turns 1 s into anything from 0.5 s to 1.5 s. */
  spread: number;
}

/** Returns the milliseconds to wait after the n-th failure in a row, from 0: `firstMs`, doubled up to `longestMs`. */
export function backoffMs(n: number, { firstMs, longestMs, spread }: Backoff, random = Math.random): number {
  return Math.min(longestMs, firstMs * 2 ** n) * (1 + spread * (2 * random() - 1));
}
