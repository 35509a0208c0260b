/** What decides between instances. */
export interface Candidate {
  /** Requests. */
  underWay: number;
  /** True if the last connection to it could not be made, or none was tried yet. */
  isDoubtful: boolean;
}

/**
 * Returns the one that gets the next request: of those that can be reached, if there are some, the one with the fewest
 * requests under way. Among equals chance decides, so that each gets its share also if there is one request at a time.
 * `chance` is from 0 to 1, without 1.
 */
export function pick<C extends Candidate>(candidates: readonly C[], chance: number): C | null {
  if (candidates.length < 2) return candidates[0] ?? null;
  let best: C[] = [];
  for (const one of candidates) {
    const order = best[0] ? compare(one, best[0]) : -1;
    if (order < 0) best = [one];
    else if (order === 0) best.push(one);
  }
  return best[Math.floor(chance * best.length)] ?? null;
}

/** Returns a negative number if the first goes before the second, and 0 if neither does. */
function compare(a: Candidate, b: Candidate): number {
  return Number(a.isDoubtful) - Number(b.isDoubtful) || a.underWay - b.underWay;
}
