import type { ReleaseRecord } from './release.ts';

/**
 * What is asked for: `present` is enough for a process that starts, `whole` is what a deploy promises, and `new` is a
 * fresh checkout whatever is there.
 */
export type Want = 'present' | 'whole' | 'new';

/** What a look at a checkout found. */
export interface Findings {
  /** Tracked files that differ from the commit, or are gone; `.git` stands for git's own. */
  changed: string[];
  /** Those of them that are empty, or filled with zeros, as after a power cut. */
  emptied: string[];
  /** True if something runs from the directory. */
  isOccupied: boolean;
}

/** What is known of a release so far. */
export interface Seen {
  /** The directory that the record names exists. */
  isThere: boolean;
  /** The mirror has the commit. */
  isFetched: boolean;
  /** It is known which files it should have. */
  isTracked: boolean;
  /** Null before the look. */
  findings: Findings | null;
  /** This boot of the machine. */
  boot: string;
}

export type Step =
  | { do: 'fetch' }
  | { do: 'checkout' }
  /** Finds out from the commit which files there should be. */
  | { do: 'track' }
  | { do: 'check' }
  /** In place: files that are not the commit's stay. */
  | { do: 'restore'; files: string[] };

/**
 * The next step towards what is wanted; null if that is what there is, or all that can be had. `record` is null for a
 * directory that an older fleet made.
 */
export function next(want: Want, record: ReleaseRecord | null, seen: Seen): Step | null {
  const { isThere, isFetched, findings } = seen;
  const checkout: Step = isFetched ? { do: 'checkout' } : { do: 'fetch' };
  if (want === 'new' || !isThere) return checkout;
  if (!findings) return isTrusted(want, record, seen.boot) ? null : look(want, seen);
  // The app itself may have changed its files, and goes on with them until the next deploy.
  const lost = want === 'whole' || isHalfDone(record) ? findings.changed : findings.emptied;
  if (lost.length === 0) return null;
  if (findings.isOccupied || !isFetched) return checkout;
  return { do: 'restore', files: lost };
}

/** A process must start also when the hub, which could tell, is away. */
function look(want: Want, { isTracked, isFetched }: Seen): Step | null {
  if (isTracked) return { do: 'check' };
  if (isFetched) return { do: 'track' };
  return want === 'present' ? null : { do: 'fetch' };
}

function isTrusted(want: Want, record: ReleaseRecord | null, boot: string): boolean {
  return want === 'present' && record?.state === 'ready' && record.boot === boot;
}

/** A drone was killed while it put files back. */
function isHalfDone(record: ReleaseRecord | null): boolean {
  return record !== null && record.state !== 'ready';
}
