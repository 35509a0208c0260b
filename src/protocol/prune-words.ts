import * as v from 'valibot';
import * as a from './app-words.ts';
import { list } from './list.ts';
import { record } from './record.ts';
import * as s from './words.ts';

// The words of tidying up; see words.ts.

const commits = list(s.commit, 1000);

/** What a drone is to keep. */
export const keep = {
  /** By app: the commits of its releases that stay, and of those that may go. */
  apps: record(a.app, v.object({ keep: commits, retired: commits })),
  /** What a drone that joins is told to deploy. */
  deployed: list(v.object({ repo: s.name, commit: s.commit }), 10_000),
};

/** What a drone has removed. */
export const pruned = v.pipe(
  v.object({
    checkouts: list(v.object({ app: a.app, commit: s.commit, bytes: s.bytes }), 100_000),
    /** Of checkouts and mirrors. */
    freed: s.bytes,
  }),
  v.title('pruned'),
);
