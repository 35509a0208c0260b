import * as v from 'valibot';
import * as a from './app-words.ts';
import { MAX_INTEREST_IDS, MAX_MARKS } from './limits.ts';
import { list } from './list.ts';
import { bytes, command, commit, count, exit, id, moment, name } from './words.ts';

// What messages about logs and output are made of.

/** Present if more lines are missing than `dropped` says. */
export const atLeast = v.exactOptional(v.boolean());

/** Present if the last line of these bytes is unfinished: where it begins. */
const begun = v.exactOptional(bytes);

/** Whose output is wanted; any of them will do. */
export const interest = v.pipe(
  v.object({
    all: v.boolean(),
    ids: list(id, MAX_INTEREST_IDS),
    repos: list(name, 1000),
  }),
  v.title('interest'),
);

/** Where in a log to begin: at a byte, so many lines before the end, or at a time (ms since 1970). */
export const logPlace = v.pipe(
  v.variant('kind', [
    v.object({ kind: v.literal('offset'), offset: bytes }),
    v.object({ kind: v.literal('tail'), lines: v.pipe(count, v.maxValue(10_000_000)) }),
    v.object({ kind: v.literal('since'), time: count }),
  ]),
  v.title('place'),
);

/** What happened to a process, and after which byte of its log. Of one log, numbers ascend by one. */
export const logMark = v.pipe(
  v.object({
    number: count,
    at: bytes,
    time: moment,
    /** `exited`, `restarted`; newer drones may know more. */
    type: v.pipe(v.string(), v.regex(/^[a-z][a-z -]{0,30}$/)),
    ...exit,
  }),
  v.title('mark'),
);
const marks = v.exactOptional(list(logMark, MAX_MARKS));

/** Of what of an app a log is: an instance, or a job of a release or, with `release` null, a build. */
export const logOwner = v.pipe(
  v.object({
    app: a.app,
    release: v.nullable(a.release),
    service: v.nullable(a.service),
    slot: v.nullable(a.slot),
  }),
  v.title('owner'),
);

/** A log that a drone keeps. */
export const logInfo = v.pipe(
  v.object({
    ...{ id, repo: name, commit, command, start: bytes, end: bytes, dropped: count, atLeast },
    /** The number of the newest mark. */
    marked: v.exactOptional(count),
    of: v.exactOptional(logOwner),
    /** Its process was stopped long ago: it is not among the logs of everything. */
    archived: v.exactOptional(v.boolean()),
  }),
  v.title('log'),
);

/** A stretch of one log; its bytes are the body of the message. */
export const logPage = v.pipe(
  v.object({
    from: bytes,
    to: bytes,
    start: bytes,
    end: bytes,
    dropped: count,
    atLeast,
    times: v.array(v.tuple([bytes, moment])),
    marks,
    begun,
  }),
  v.title('page'),
);

/** A piece of a process's log; its bytes are the body of the message. */
export const outputPiece = {
  id,
  repo: name,
  commit,
  from: bytes,
  to: bytes,
  time: moment,
  dropped: count,
  atLeast,
  marks,
  begun,
};
