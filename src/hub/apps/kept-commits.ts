import { type AppRecord, type ReleaseRecord, releaseOf } from './app-record.ts';

/** What a release that failed has left stays so long at least. */
const FAILED_STAYS_MS = 7 * 24 * 3_600_000;
/** And until so many releases have followed. */
const FAILED_STAYS_RELEASES = 2;

/** The commits of an app that drones keep, and those of its other releases. */
export interface KeptCommits {
  keep: string[];
  retired: string[];
}

/**
 * Returns which commits of an app stay on drones: that of the live release, of the one under way, the last `count` that were
 * live, and those of releases that failed not long ago. `now` is in milliseconds since 1970.
 */
export function keptCommits(app: AppRecord, count: number, now: number): KeptCommits {
  const newest = app.releases.toReversed();
  // A rollback, or a change of the environment, is a release of a commit that is there.
  const wereLive = newest
    .filter(({ liveAt }) => liveAt !== null)
    .sort((a, b) => (b.liveAt ?? 0) - (a.liveAt ?? 0));
  const failed = newest.filter(
    (one, later) => later < FAILED_STAYS_RELEASES || now - one.time < FAILED_STAYS_MS,
  );
  const keep = new Set([
    ...commitsOf([releaseOf(app, app.live), releaseOf(app, app.underWay)]),
    ...[...new Set(commitsOf(wereLive))].slice(0, count),
    ...commitsOf(failed.filter(({ liveAt }) => liveAt === null)),
  ]);
  const others = new Set(commitsOf(app.releases).filter((commit) => !keep.has(commit)));
  return { keep: [...keep], retired: [...others] };
}

function commitsOf(releases: readonly (ReleaseRecord | null)[]): string[] {
  return releases.flatMap((release) => (release ? [release.commit] : []));
}
