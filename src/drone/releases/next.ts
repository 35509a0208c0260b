import type { ReleaseRecord } from './release.ts';

/**
 * What is requested: `present` is enough to start a process, `whole` is what a deploy promises, and `new` is a fresh
 * checkout in any case.
 */
export type Want = 'present' | 'whole' | 'new';

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
}

export type Step =
  | { do: 'fetch' }
  | { do: 'checkout' }
  /** Reads from the commit which files there should be. */
  | { do: 'track' }
  | { do: 'check' }
  /** Restores files in place; files that are not part of the commit stay. */
  | { do: 'restore'; files: string[] };

/**
 * Returns the next step towards what is wanted; null if it is reached, or as close as possible. `record` is null for a
 * directory that an older fleet made.
 */
export function next(want: Want, record: ReleaseRecord | null, seen: Seen): Step | null {
  const { isThere, isFetched, findings } = seen;
  const checkout: Step = isFetched ? { do: 'checkout' } : { do: 'fetch' };
  if (want === 'new' || !isThere) return checkout;
  if (!findings) return isTrusted(want, record, seen.boot) ? null : look(want, seen);
  // The app may have changed its files itself, and keeps them until the next deploy.
  const lost = want === 'whole' || isHalfDone(record) ? findings.changed : findings.emptied;
  if (lost.length === 0) return null;
  if (findings.isOccupied || !isFetched) return checkout;
  return { do: 'restore', files: lost };
}

/** A process must be able to start while the hub, which could tell, is away. */
function look(want: Want, { isTracked, isFetched }: Seen): Step | null {
  if (isTracked) return { do: 'check' };
  if (isFetched) return { do: 'track' };
  return want === 'present' ? null : { do: 'fetch' };
}

function isTrusted(want: Want, record: ReleaseRecord | null, boot: string): boolean {
  return want === 'present' && record?.state === 'ready' && record.boot === boot;
}

/** True if a drone was killed while it restored files. */
function isHalfDone(record: ReleaseRecord | null): boolean {
  return record !== null && record.state !== 'ready';
}
