import * as v from 'valibot';
import { preparation } from '../../protocol/app-words.ts';
import type { Preparation } from '../../protocol/instance.ts';

/** What an app needs in a checkout: the content of `release/APP.COMMIT.need.json`. Its environment may be secret. */
export type Need = Omit<Preparation, 'rebuild'>;

const { rebuild: _, ...kept } = preparation;
export const needSchema = v.object(kept);

/** Returns the part of an order to prepare that is kept. */
export function needOf({ rebuild: _, ...need }: Preparation): Need {
  return need;
}

/**
 * Returns true if a checkout that was prepared for one serves the other. The build is not compared: a commit is built
 * once, with the command and environment of that time.
 */
export function isLinkedAlike(a: Need, b: Need): boolean {
  return JSON.stringify([a.shared, a.user]) === JSON.stringify([b.shared, b.user]);
}

/** Returns true if a checkout has to be changed before processes of the app start there. */
export function isNeedy({ build, shared, user }: Need): boolean {
  return build !== null || shared.length > 0 || user !== null;
}
