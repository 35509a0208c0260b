/** How long to wait between attempts that fail. */
export interface Backoff {
  firstMs: number;
  longestMs: number;
  /** How far a wait may be off either way, as a share of it: 0.5 makes 1 s anything from 0.5 s to 1.5 s. */
  spread: number;
}

/** Returns the milliseconds to wait after the n-th failure in a row, from 0: the first wait, doubled up to the longest. */
export function backoffMs(n: number, { firstMs, longestMs, spread }: Backoff, random = Math.random): number {
  return Math.min(longestMs, firstMs * 2 ** n) * (1 + spread * (2 * random() - 1));
}
