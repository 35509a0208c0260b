import type { ReleaseRecord } from './release.ts';

/**
 * What is requested: `present` is enough to start a process by hand, `whole` is what a deploy promises, `new` is a fresh
 * checkout in any case, and `built` is what processes of an app start from.
 */
export type Want = 'present' | 'whole' | 'new' | 'built';

/** The result of checking a checkout. */
export interface Findings {
  /** Tracked files that are missing or differ from the commit; `.git` stands for git's own files. */
  changed: string[];
  /** The changed files that are empty or full of zeros, as after a power cut. */
  emptied: string[];
  /** True if a process runs from the directory. */
  isOccupied: boolean;
}

/** What is known about a release so far. */
export interface Seen {
  /** The directory that the record names exists. */
  isThere: boolean;
  /** The mirror has the commit. */
  isFetched: boolean;
  /** The files that it should have are known. */
  isTracked: boolean;
  /** Null before the check. */
  findings: Findings | null;
  /** The id of the machine's current boot. */
  boot: string;
  /** The app needs links, a build, or another owner. */
  isNeedy: boolean;
  /** Something runs from the directory. Only determined if it is not prepared yet. */
  isInUse: boolean;
  /** The app has a build command. */
  isToBuild: boolean;
  /** The state of the job that the record names; null if it is unknown. */
  build: 'running' | 'ok' | 'failed' | null;
}

export type Step =
  | { do: 'fetch' }
  | { do: 'checkout' }
  /** Reads from the commit which files there should be. */
  | { do: 'track' }
  | { do: 'check' }
  /** Restores files in place; files that are not part of the commit stay. */
  | { do: 'restore'; files: string[] }
  /** Adds links to shared files, and caches, to a checkout that nothing runs from. */
  | { do: 'link' }
  /** Starts the build. */
  | { do: 'build' }
  /** Waits for the build that runs. */
  | { do: 'wait' }
  /** Accepts the files as the build has left them. */
  | { do: 'accept' };

/**
 * Returns the next step towards what is wanted; null if it is reached, or as close as possible. `record` is null for a
 * directory that an older fleet made.
 */
export function next(want: Want, record: ReleaseRecord | null, seen: Seen): Step | null {
  const { isThere, isFetched, findings } = seen;
  const checkout: Step = isFetched ? { do: 'checkout' } : { do: 'fetch' };
  if (want === 'new' || !isThere) return checkout;
  // A build changes files while it runs, and what a failed build has left stays for inspection.
  if (want === 'whole' && isHalfBuilt(record)) return null;
  const done = want === 'built' ? prepare(record, seen, checkout) : null;
  if (!findings) return isTrusted(want, record, seen.boot) ? done : (look(want, record, seen) ?? done);
  // The app may have changed its files itself, and keeps them until the next deploy.
  const lost = want === 'whole' || isHalfDone(record) ? findings.changed : findings.emptied;
  if (lost.length === 0) return done;
  if (findings.isOccupied || !isFetched || isHalfBuilt(record)) return checkout;
  return { do: 'restore', files: lost };
}

/** Returns the next step from a whole checkout to a prepared one. A checkout in use is not changed. */
function prepare(record: ReleaseRecord | null, seen: Seen, checkout: Step): Step | null {
  const { isNeedy, isInUse, isToBuild, build } = seen;
  if (record?.prepared === 'built') return null;
  if (record?.prepared !== 'linked') return isNeedy && isInUse ? checkout : { do: 'link' };
  if (!isToBuild) return { do: 'accept' };
  if (record.job === null) return { do: 'build' };
  if (build === 'running') return { do: 'wait' };
  return build === 'ok' ? { do: 'accept' } : checkout;
}

/** A process must be able to start while the hub, which could tell, is away. */
function look(want: Want, record: ReleaseRecord | null, { isTracked, isFetched }: Seen): Step | null {
  if (isTracked) return { do: 'check' };
  // The index said what the build had made of the commit's files, and it is lost.
  if (record !== null && record.prepared !== 'no') {
    return isStart(want) ? null : { do: isFetched ? 'checkout' : 'fetch' };
  }
  if (isFetched) return { do: 'track' };
  return isStart(want) ? null : { do: 'fetch' };
}

function isTrusted(want: Want, record: ReleaseRecord | null, boot: string): boolean {
  if (!isStart(want) || record?.boot !== boot) return false;
  // A checkout is recorded only once all of it is on disk.
  return record.state === 'ready' || (want === 'built' && record.state === 'checked-out');
}

/** Returns true if a process waits for this, which then starts from what there is. */
export function isStart(want: Want): boolean {
  return want === 'present' || want === 'built';
}

function isHalfBuilt(record: ReleaseRecord | null): boolean {
  return record?.prepared === 'linked' && record.job !== null;
}

/** True if a drone was killed while it restored files. */
function isHalfDone(record: ReleaseRecord | null): boolean {
  return record !== null && record.state !== 'ready';
}
