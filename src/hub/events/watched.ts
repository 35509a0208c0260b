import { FleetError } from '../../protocol/errors.ts';
import type { Interest } from '../../protocol/events.ts';
import { MAX_INTEREST_IDS } from '../../protocol/limits.ts';
import { isLimited, MAX_WATCHED } from '../access/shares.ts';

/** How much a subscription names. */
export interface Named {
  output: Interest | null;
  drones: { readonly length: number } | { readonly size: number } | null;
}

/** Throws ELIMIT if all `subscriptions` of a token would name too much: the hub keeps them for as long as they last. */
export function mustBeFew(token: string, subscriptions: readonly Named[]): void {
  const watched = subscriptions.reduce((sum, one) => sum + countOf(one), 0);
  if (!isLimited(token) || watched <= MAX_WATCHED) return;
  throw new FleetError(
    'ELIMIT',
    `the token '${token}' would watch more than ${MAX_WATCHED} processes, repositories and drones by name`,
  );
}

function countOf({ output, drones }: Named): number {
  const places = drones === null ? 0 : 'size' in drones ? drones.size : drones.length;
  return places + (output === null ? 0 : output.ids.length + output.repos.length);
}

/** Returns an interest that a drone takes: if several tokens watch more, most of it is of other drones. */
export function takeable(interest: Interest, known: { has(id: string): boolean } | undefined): Interest {
  if (interest.ids.length <= MAX_INTEREST_IDS) return interest;
  return { ...interest, ids: interest.ids.filter((id) => known?.has(id)).slice(0, MAX_INTEREST_IDS) };
}
