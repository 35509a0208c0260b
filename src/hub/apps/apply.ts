import type { ReleaseState } from '../../protocol/apps.ts';
import { type AppRecord, type ReleaseJob, type ReleaseRecord, releaseOf, rested } from './app-record.ts';
import type { Change } from './decision.ts';

/** Releases that are remembered of an app. */
const MAX_RELEASES = 200;

/** What a new release is made of. */
export type Wanted = Pick<
  ReleaseRecord,
  | 'commit'
  | 'subject'
  | 'stage'
  | 'toml'
  | 'procfile'
  | 'env'
  | 'change'
  | 'by'
  | 'of'
  | 'canary'
  | 'rebuild'
  | 'strict'
> &
  Partial<Pick<ReleaseRecord, 'keeps'>>;

interface Moment {
  /** Milliseconds since 1970. */
  now: number;
  /** Returns a key and an id for a job that nobody else has. */
  newJob(): { key: string; id: string };
}

/** Returns what is recorded of an app after a change. */
export function applied(app: AppRecord, change: Change, { now, newJob }: Moment): AppRecord {
  const underWay = releaseOf(app, app.underWay);
  if ('placement' in change) return { ...app, ...change };
  if ('undecided' in change) return { ...app, undecided: change.undecided };
  if (!underWay) return app;
  const release = 'to' in change ? withRest(underWay, change.to, now) : underWay;
  if ('job' in change) {
    const job: ReleaseJob = { ...newJob(), drone: change.job.drone, started: now };
    return withRelease(app, { ...release, job });
  }
  const { to, why = null } = change;
  const next = withRelease(app, { ...release, state: to, why: why ?? release.why });
  if (to === 'failed' || to === 'cancelled') return { ...next, underWay: null };
  if (to !== 'live') return next;
  const before = releaseOf(next, next.live);
  const retired = before ? withRelease(next, { ...before, state: 'retired' }) : next;
  const live: ReleaseRecord = { ...release, state: 'live', why: null, liveAt: now };
  return { ...withRelease(retired, live), live: live.release, underWay: null };
}

function withRest(release: ReleaseRecord, to: ReleaseState, now: number): ReleaseRecord {
  return to === 'canary' ? { ...release, restsSince: now } : rested(release, now);
}

/** Returns the record with another version of one of its releases. */
export function withRelease(app: AppRecord, release: ReleaseRecord): AppRecord {
  return { ...app, releases: app.releases.map((one) => (one.release === release.release ? release : one)) };
}

/** Returns the record with one more release, which is under way from now on. */
export function withNewRelease(app: AppRecord, release: ReleaseRecord): AppRecord {
  // Instances that were not restarted are still of the release before.
  const needed = [release, ...[app.live, release.replaces].flatMap((one) => releaseOf(app, one) ?? [])];
  const kept = new Set(needed.flatMap((one) => [one.release, ...Object.values(one.keeps)]));
  const releases = [...app.releases, release];
  const tooMany = new Set(
    releases.filter((one) => !kept.has(one.release)).slice(0, Math.max(0, releases.length - MAX_RELEASES)),
  );
  return {
    ...app,
    last: release.release,
    underWay: release.release,
    undecided: null,
    releases: releases.filter((one) => !tooMany.has(one)),
  };
}

/** Returns a new release of an app, for which nothing was done yet. Its number is higher than any in `seen`. */
export function newRelease(
  app: AppRecord,
  wanted: Wanted,
  { now, seq, seen }: { now: number; seq: number; seen: readonly number[] },
): ReleaseRecord {
  return {
    keeps: {},
    ...wanted,
    release: Math.max(app.last, ...seen) + 1,
    state: 'building',
    ...{ time: now, liveAt: null, restsSince: null, restedMs: 0 },
    ...{ why: null, isCancelled: false, job: null, seq },
    replaces: app.live,
  };
}
