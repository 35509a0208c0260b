import * as v from 'valibot';
import { parseAppName } from '../../protocol/app-names.ts';
import * as s from '../../protocol/words.ts';

/** Matches a directory below `deploy/`, or a git directory in `release/`, and captures app and commit. */
const CHECKOUT = /^([^.].*)\.([0-9a-f]{40})(?:-\d+|\.git)?$/;

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

/**
 * How far a checkout is prepared for processes of its app: `linked` has its shared files and caches, and is still to be
 * built, is being built, or could not be built; `built` is ready. Processes spawned by hand need neither.
 */
export type Prepared = 'no' | 'linked' | 'built';

/** The content of `release/APP.COMMIT.json`. */
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
  prepared: Prepared;
  /** The job of its build, which may have ended; null if no build was started. */
  job: string | null;
  /** When it became `built`, in milliseconds since 1970. Caches are copied from the latest. */
  builtAt: number | null;
  /** When it was last deployed by hand, in milliseconds since 1970; null if an app alone has made it. */
  byHandAt: number | null;
}

export const recordSchema = v.object({
  version: v.optional(v.literal(1), 1),
  state: v.picklist(['fetched', 'checked-out', 'ready', 'failed']),
  directory: v.pipe(v.string(), v.regex(/^[^./][^/]*$/)),
  at: v.optional(s.count, 0),
  boot: v.optional(v.string(), ''),
  why: v.optional(v.nullable(v.string()), null),
  prepared: v.fallback(v.optional(v.picklist(['no', 'linked', 'built']), 'no'), 'no'),
  job: v.optional(v.nullable(v.string()), null),
  builtAt: v.optional(v.nullable(s.count), null),
  byHandAt: v.optional(v.nullable(s.count), null),
});

/** A commit of a repository for an app, and the prefix of its files' and directories' names. */
export interface Release {
  /** The repository's name, or a stage's full name: `webapp@pr-12`. */
  app: string;
  repo: string;
  commit: string;
  name: string;
}

/** Returns the release of a commit; without `app`, the one of the repository itself. */
export function releaseOf(repo: string, commit: string, app = repo): Release {
  return { app, repo, commit, name: `${app}.${commit}` };
}

/** Returns the release of a directory's name; null if it is not a checkout's. */
export function releaseIn(name: string): Release | null {
  const [, app = '', commit = ''] = CHECKOUT.exec(name) ?? [];
  const parsed = parseAppName(app);
  return parsed && releaseOf(parsed.repo, commit, app);
}

/** Returns the first directory of a release that is not taken: `NAME`, `NAME-2`, `NAME-3`, … */
export function freeDirectory({ name }: Release, isTaken: (directory: string) => boolean): string {
  for (let n = 1; ; n++) {
    const directory = n === 1 ? name : `${name}-${n}`;
    if (!isTaken(directory)) return directory;
  }
}
