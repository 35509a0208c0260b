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
  const reached = candidates.filter(({ isDoubtful }) => !isDoubtful);
  const usable = reached.length > 0 ? reached : candidates;
  const fewest = Math.min(...usable.map(({ underWay }) => underWay));
  const equals = usable.filter(({ underWay }) => underWay === fewest);
  return equals[Math.floor(chance * equals.length)] ?? null;
}
