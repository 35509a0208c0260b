import * as v from 'valibot';
import * as s from '../../protocol/words.ts';

/**
 * How far a commit has come on its way into a directory:
 *
 *     fetched ──► checked-out ──► ready
 *        ▲             ▲             │
 *        └── failed ◄──┴─────────────┘  files were changed or lost
 *
 * Only a release that is `ready` may be started from. That its directory exists means nothing.
 */
export type ReleaseState = 'fetched' | 'checked-out' | 'ready' | 'failed';

/** What `release/REPO.COMMIT.json` holds. */
export interface ReleaseRecord {
  version: 1;
  state: ReleaseState;
  /** The name of its directory below `deploy/`. */
  directory: string;
  /** When it got into this state, in milliseconds since 1970. */
  at: number;
  /** The boot in which its files were last seen to be whole: after a power cut they are looked at again. */
  boot: string;
  /** Why it failed. */
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

/** A commit of a repository, and the name that its files and directories begin with. */
export interface Release {
  repo: string;
  commit: string;
  name: string;
}

export function releaseOf(repo: string, commit: string): Release {
  return { repo, commit, name: `${repo}.${commit}` };
}

/** `NAME`, or `NAME-2`, `NAME-3`, …: the first directory of a release that is not taken. */
export function freeDirectory({ name }: Release, isTaken: (directory: string) => boolean): string {
  for (let n = 1; ; n++) {
    const directory = n === 1 ? name : `${name}-${n}`;
    if (!isTaken(directory)) return directory;
  }
}
