/** What decides between instances. */
export interface Candidate {
  /** Of its app. */
  release: number;
  /** Requests. */
  underWay: number;
  /** True if the last connection to it could not be made, or none was tried yet. */
  isDoubtful: boolean;
}

/**
 * Returns the one that gets the next request, of those that can be reached, if there are some. Chance decides between
 * releases, so that each has its share of the requests by the number of its instances, also if it answers faster than the
 * other; and then it is the one with the fewest requests under way. Among equals chance decides, too, so that each gets its
 * share if there is one request at a time. `chance` is from 0 to 1, without 1.
 */
export function pick<C extends Candidate>(candidates: readonly C[], chance: number): C | null {
  if (candidates.length < 2) return candidates[0] ?? null;
  const reached = candidates.filter(({ isDoubtful }) => !isDoubtful);
  const all = reached.length > 0 ? reached : candidates;
  const place = chance * all.length;
  const release = all[Math.floor(place)]?.release;
  const least = leastOf(all.filter((one) => one.release === release));
  // What is behind the point says nothing of the release.
  return least[Math.floor((place % 1) * least.length)] ?? null;
}

/** Returns those that have the fewest requests under way. */
function leastOf<C extends Candidate>(candidates: readonly C[]): C[] {
  const least = Math.min(...candidates.map(({ underWay }) => underWay));
  return candidates.filter(({ underWay }) => underWay === least);
}
