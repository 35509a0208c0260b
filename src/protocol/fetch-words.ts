import * as v from 'valibot';
import { list } from './list.ts';
import * as s from './words.ts';

// The words of a commit on its way to a drone; see words.ts.

/** `preparing`, at the hub; `receiving`; `done`, whether or not it is there then. Newer drones may know more. */
const step = v.pipe(v.string(), v.regex(/^[a-z][a-z -]{0,30}$/, 'is not a step'), v.title('step'));
const percent = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(100), v.title('percent'));

/** How far a fetch is; `percent` of its objects, null if that is unknown, and `elapsed` since it began. */
export const fetchState = { step, percent: v.nullable(percent), elapsed: s.milliseconds };

/** A commit that was deployed and that a drone lacks, because it has failed; `retries`: it tries again by itself. */
export const lag = v.pipe(
  v.object({ repo: s.name, commit: s.commit, why: s.shortText, retries: v.boolean() }),
  v.title('lag'),
);

export const lags = list(lag, 10_000);
