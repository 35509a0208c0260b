import type { CheckedOrderParams } from '../../protocol/orders.ts';

/** What the hub says about keeping: see the order `prune`. */
export type Keep = Omit<CheckedOrderParams['prune'], 'dryRun'>;

/** A checkout for which the drone has made no promise: no process or job of it is to run. */
export interface Idle {
  app: string;
  repo: string;
  commit: string;
  /** When it was last made or changed, in milliseconds since 1970. */
  at: number;
  /** When it was last deployed by hand, in milliseconds since 1970; null if that never happened. */
  byHandAt: number | null;
  /** An app has prepared it for its processes. */
  isPrepared: boolean;
}

/** So long, a checkout stays that was deployed by hand, or that the hub does not know. */
const STAY_MS = 7 * 24 * 3_600_000;
/** So many of the newest checkouts of a repository that has no app stay, however old they are. */
const NEWEST_KEPT = 5;

/** Returns those checkouts that nobody needs any more. `now` is in milliseconds since 1970. */
export function outdated<C extends Idle>(checkouts: readonly C[], keep: Keep, now: number): C[] {
  const deployed = new Set(keep.deployed.map(({ repo, commit }) => `${repo}.${commit}`));
  return checkouts.filter((one) => {
    const { app, repo, commit, at, byHandAt, isPrepared } = one;
    if (byHandAt !== null && now - byHandAt < STAY_MS) return false;
    // The next time that this drone joins, it would fetch it again.
    if (app === repo && deployed.has(`${app}.${commit}`)) return false;
    const known = Object.hasOwn(keep.apps, app) ? keep.apps[app] : undefined;
    if (known?.keep.includes(commit)) return false;
    if (known?.retired.includes(commit)) return true;
    if (now - at < STAY_MS) return false;
    // A hub that does not know an app may have lost its state.
    return known !== undefined || (!isPrepared && !isAmongNewest(one, checkouts));
  });
}

function isAmongNewest({ app, at }: Idle, checkouts: readonly Idle[]): boolean {
  return checkouts.filter((one) => one.app === app && one.at > at).length < NEWEST_KEPT;
}
