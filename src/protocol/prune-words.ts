import * as v from 'valibot';
import * as a from './app-words.ts';
import { record } from './record.ts';
import * as s from './words.ts';

// The words of tidying up; see words.ts.

const commits = v.pipe(v.array(s.commit), v.maxLength(1000));

/** What a drone is to keep. */
export const keep = {
  /** By app: the commits of its releases that stay, and of those that may go. */
  apps: record(a.app, v.object({ keep: commits, retired: commits })),
  /** What a drone that joins is told to deploy. */
  deployed: v.pipe(v.array(v.object({ repo: s.name, commit: s.commit })), v.maxLength(10_000)),
};

/** What a drone has removed. */
export const pruned = v.pipe(
  v.object({
    checkouts: v.pipe(
      v.array(v.object({ app: a.app, commit: s.commit, bytes: s.bytes })),
      v.maxLength(100_000),
    ),
    /** Of checkouts and mirrors. */
    freed: s.bytes,
  }),
  v.title('pruned'),
);
