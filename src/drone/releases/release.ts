import * as v from 'valibot';
import * as s from '../../protocol/words.ts';

/**
 * The states of a commit on its way into a directory:
 *
 *     fetched ──► checked-out ──► ready
 *        ▲             ▲             │
 *        └── failed ◄──┴─────────────┘  files were changed or lost
 *
 * Processes start only from a release that is `ready`. The existence of its directory proves nothing.
 */
export type ReleaseState = 'fetched' | 'checked-out' | 'ready' | 'failed';

/** The content of `release/REPO.COMMIT.json`. */
export interface ReleaseRecord {
  version: 1;
  state: ReleaseState;
  /** The name of its directory below `deploy/`. */
  directory: string;
  /** When it entered this state, in milliseconds since 1970. */
  at: number;
  /** The boot in which its files were last found intact: after another boot they are checked again. */
  boot: string;
  /** The reason for a failure. */
  why: string | null;
}

export const recordSchema = v.object({
  version: v.optional(v.literal(1), 1),
  state: v.picklist(['fetched', 'checked-out', 'ready', 'failed']),
  directory: v.pipe(v.string(), v.regex(/^[^./][^/]*$/)),
  at: v.optional(s.count, 0),
  boot: v.optional(v.string(), ''),
  why: v.optional(v.nullable(v.string()), null),
});

/** A commit of a repository, and the prefix of its files' and directories' names. */
export interface Release {
  repo: string;
  commit: string;
  name: string;
}

export function releaseOf(repo: string, commit: string): Release {
  return { repo, commit, name: `${repo}.${commit}` };
}

/** Returns the first directory of a release that is not taken: `NAME`, `NAME-2`, `NAME-3`, … */
export function freeDirectory({ name }: Release, isTaken: (directory: string) => boolean): string {
  for (let n = 1; ; n++) {
    const directory = n === 1 ? name : `${name}-${n}`;
    if (!isTaken(directory)) return directory;
  }
}
