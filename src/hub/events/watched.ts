import { FleetError } from '../../protocol/errors.ts';
import type { Interest } from '../../protocol/events.ts';
import { MAX_INTEREST_IDS } from '../../protocol/limits.ts';
import { isLimited, MAX_WATCHED_IDS } from '../access/shares.ts';

/** Throws ELIMIT if a token would watch too many processes by id, with these `counts` of its subscriptions. */
export function mustBeFew(token: string, counts: readonly number[]): void {
  const watched = counts.reduce((sum, count) => sum + count, 0);
  if (!isLimited(token) || watched <= MAX_WATCHED_IDS) return;
  throw new FleetError(
    'ELIMIT',
    `the token '${token}' would watch more than ${MAX_WATCHED_IDS} processes by id`,
  );
}

/** Returns an interest that a drone takes: if several tokens watch more, most of it is of other drones. */
export function takeable(interest: Interest, known: { has(id: string): boolean } | undefined): Interest {
  if (interest.ids.length <= MAX_INTEREST_IDS) return interest;
  return { ...interest, ids: interest.ids.filter((id) => known?.has(id)).slice(0, MAX_INTEREST_IDS) };
}
