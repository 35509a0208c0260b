/** Drones remembered. */
const MAX_DRONES = 10_000;
/** A drone that has been away for this long, 90 days, is not expected back. If it does come back, it joins as a new one. */
const MAX_AWAY_MS = 90 * 24 * 3_600_000;

/** What is remembered of a drone, as far as it matters here; `seen` is in ms since 1970. */
interface Remembered {
  seen: number;
  connected: boolean;
  by?: string | null | undefined;
}

/**
 * Returns the identities of the drones that need not be remembered: those that have been away for too long and, if there are
 * too many, the longest away of whichever tokens have most, so that no token makes the drones of others forgotten.
 */
export function forgettable(drones: ReadonlyMap<string, Remembered>, now: number): string[] {
  const away = [...drones].filter(([, { connected }]) => !connected);
  const isOld = ([, { seen }]: [string, Remembered]) => seen < now - MAX_AWAY_MS;
  const old = away.filter(isOld);
  const tooMany = drones.size - old.length - MAX_DRONES;
  const rest = tooMany > 0 ? away.filter((one) => !isOld(one)) : [];
  rest.sort(([, a], [, b]) => b.seen - a.seen);
  const ranks = new Map<string, number>();
  const ranked = rest.map(([identity, { by }]) => {
    const rank = (ranks.get(by ?? '') ?? 0) + 1;
    ranks.set(by ?? '', rank);
    return { identity, rank };
  });
  const most = ranked.sort((a, b) => b.rank - a.rank).slice(0, Math.max(0, tooMany));
  return [...old.map(([identity]) => identity), ...most.map(({ identity }) => identity)];
}
