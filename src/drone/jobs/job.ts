import * as v from 'valibot';
import * as a from '../../protocol/app-words.ts';
import type { JobReport, JobSpec } from '../../protocol/instance.ts';
import * as s from '../../protocol/words.ts';
import type { Outcome } from './outcome.ts';

/** A command that runs once in a checkout. The hub's jobs belong to a release; builds do not, and the hub is not told. */
export interface Job extends Omit<JobSpec, 'release'> {
  release: number | null;
  /** The checkout's path; null for the app's current one. */
  directory: string | null;
}

/** The content of `job/ID.json`. Command and environment, which may be secret, are removed when the job has ended. */
export interface JobRecord {
  version: 1;
  job: Job;
  /** What runs; null before the start and after the end. */
  run: { pid: number; started: number; boot: string } | null;
  /** In milliseconds since 1970: when the command started or, before that, when the job was accepted. */
  startedAt: number;
  endedAt: number | null;
  /** Set while it is being ended, so that the next drone completes it: the reason, as reports will state it. */
  endingWhy: string | null;
  outcome: Outcome | null;
}

const time = v.optional(v.nullable(s.milliseconds), null);

export const jobRecordSchema = v.object({
  version: v.optional(v.literal(1), 1),
  job: v.object({
    id: s.id,
    key: s.key,
    app: a.app,
    repo: s.name,
    commit: s.commit,
    release: v.optional(v.nullable(a.release), null),
    command: v.optional(v.array(v.string()), []),
    env: v.optional(s.env, {}),
    timeoutMs: v.optional(s.milliseconds, 0),
    user: v.optional(v.nullable(v.string()), null),
    directory: v.optional(v.nullable(v.string()), null),
  }),
  run: v.optional(v.nullable(v.object({ pid: s.count, started: s.count, boot: v.string() })), null),
  startedAt: v.optional(s.milliseconds, 0),
  endedAt: time,
  endingWhy: v.optional(v.nullable(v.string()), null),
  outcome: v.optional(
    v.nullable(v.object({ state: v.picklist(['ok', 'failed']), why: v.nullable(v.string()) })),
    null,
  ),
});

/** Returns the record of a job that was accepted just now. */
export function newJobRecord(job: Job, now: number): JobRecord {
  return { version: 1, job, run: null, startedAt: now, endedAt: null, endingWhy: null, outcome: null };
}

/** Returns the record of a job that has ended. */
export function ended(record: JobRecord, outcome: Outcome, now: number): JobRecord {
  const job = { ...record.job, command: [], env: {} };
  return { ...record, job, run: null, endedAt: now, outcome };
}

/** Returns the report for the hub. */
export function reportOf({ job, startedAt, endedAt, outcome }: JobRecord, now: number): JobReport {
  const { id, key, app } = job;
  const elapsedMs = Math.max(0, (endedAt ?? now) - startedAt);
  const why = outcome?.why?.slice(0, MAX_WHY_CHARACTERS) ?? null;
  return { id, key, app, state: outcome?.state ?? 'running', why, elapsedMs };
}

/** The longest text that a report may have. */
const MAX_WHY_CHARACTERS = 1_000;
