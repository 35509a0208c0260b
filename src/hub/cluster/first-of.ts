import { within } from '../../system/within.ts';
import type { OtherHub } from './other-hubs.ts';

/** How long a push waits for another hub. */
const WAIT_MS = 5_000;

/**
 * Asks all other hubs at once, and resolves to true as soon as one has answered: to false if all have failed, or none has within
 * 5 s. What is asked goes on.
 */
export async function firstOf(
  others: readonly OtherHub[],
  ask: (other: OtherHub) => Promise<unknown>,
  waitMs = WAIT_MS,
): Promise<boolean> {
  const first = Promise.any(others.map(ask)).then(
    () => true,
    () => false,
  );
  return within(first, waitMs, false);
}
