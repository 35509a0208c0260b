import { COMMIT_PATTERN, isName } from '../protocol/names.ts';

/** A commit that drones should have, and when it was deployed (ms since 1970). */
export interface Deployed {
  repo: string;
  commit: string;
  time: number;
  /** The names of the drones that should have it; all drones if left out. */
  only?: string[];
}

/** Deployed commits remembered for each repository: enough for a drone that was away. */
const MAX_COMMITS_PER_REPO = 50;
/** How many of a repository's commits a drone is told that it has missed; it fetches others when something starts there. */
const MAX_MISSED_PER_REPO = 3;

/** Returns true if this may be one, as it was read from a file. */
export function isDeployed(read: unknown): read is Deployed {
  if (typeof read !== 'object' || read === null) return false;
  const { repo, commit, only } = read as Record<string, unknown>;
  const isForSome = only === undefined || Array.isArray(only);
  return isName(String(repo)) && COMMIT_PATTERN.test(String(commit)) && isForSome;
}

/**
 * Adds a commit that all drones, or only some, should have. If it is deployed again, it counts as the newest. What all
 * drones should have stays that, in its place, if it is deployed to some.
 */
export function withDeployed(
  deployed: readonly Deployed[],
  { repo, commit }: Pick<Deployed, 'repo' | 'commit'>,
  only: readonly string[] | null,
  time: number,
): Deployed[] {
  const isSame = (one: Deployed) => one.repo === repo && one.commit === commit;
  const some = deployed.filter(isSame).flatMap((one) => one.only ?? []);
  const audience = only && { only: [...new Set([...some, ...only])] };
  const others = deployed.filter((one) => !isSame(one) || (only && !one.only));
  const ofRepo = others.filter((one) => one.repo === repo);
  const old = new Set(ofRepo.slice(0, Math.max(0, ofRepo.length - MAX_COMMITS_PER_REPO + 1)));
  return [...others.filter((one) => !old.has(one)), { repo, commit, time, ...audience }];
}

/**
 * Returns the newest commit of each repository that a drone should have, and the last few of those deployed since `seen`
 * (ms since 1970).
 */
export function wantedSince(deployed: readonly Deployed[], seen: number, drone: string): Deployed[] {
  const counts = new Map<string, number>();
  const isFor = ({ only }: Deployed) => !only || only.includes(drone);
  const isWanted = ({ repo, time }: Deployed) => {
    const newer = counts.get(repo) ?? 0;
    counts.set(repo, newer + 1);
    return newer === 0 || (newer < MAX_MISSED_PER_REPO && time >= seen);
  };
  return deployed.filter(isFor).reverse().filter(isWanted).reverse();
}

/** Returns the commit of a repository that was deployed last, on all drones if there is one; null for none. */
export function newestOf(deployed: readonly Deployed[], repo: string): string | null {
  const ofRepo = deployed.filter((one) => one.repo === repo);
  return (ofRepo.findLast(({ only }) => !only) ?? ofRepo.at(-1))?.commit ?? null;
}
