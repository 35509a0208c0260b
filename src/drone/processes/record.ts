import * as v from 'valibot';
import { messageOf } from '../../protocol/errors.ts';
import type { LastExit, ProcessSpec } from '../../protocol/process.ts';
import * as s from '../../protocol/words.ts';
import type { State } from './phases.ts';
import { liveRun } from './phases.ts';
import type { Run } from './process-table.ts';

/**
 * What `run/ID.json` holds: what the drone promised to keep running, and what is running of it.
 *
 * This is version 1, and a file without a `version` is one. The first fleet refuses a file with a key that it does not
 * know, and ends its process: so `version` is written only in a record that needs a later one, and whatever can be
 * done without is left out. Keys that this fleet does not know are kept: a newer one has put them there, and comes back.
 */
export interface ProcessRecord {
  spec: ProcessSpec;
  /** Null while it does not run, and if it was started just before the drone was killed. */
  run: Run | null;
  restarts: number;
  failures: number;
  lastExit: LastExit | null;
  /** Somebody has asked to stop it: a drone that is killed in the middle of that goes on with it. */
  stopping: boolean;
}

/** What is needed to start it again. All else has a default, for it is found out anew or can be done without. */
const specSchema = (id: string) =>
  v.looseObject({
    id: v.optional(v.literal(id), id),
    key: v.fallback(s.key, id.padEnd(32, '0')),
    repo: s.name,
    commit: s.commit,
    command: s.command,
    env: v.optional(s.env, {}),
    labels: v.exactOptional(s.labels),
  });

const recordSchema = (id: string) =>
  v.looseObject({
    version: v.exactOptional(v.literal(1)),
    spec: specSchema(id),
    run: v.fallback(v.nullable(v.object({ pid: s.count, started: s.count, boot: v.string() })), null),
    restarts: v.fallback(s.count, 0),
    failures: v.fallback(s.count, 0),
    lastExit: v.fallback(s.lastExit, null),
    stopping: v.fallback(v.boolean(), false),
  });

/** Why a record cannot be understood. `damaged`: nobody can; otherwise another fleet may. */
export class RecordError extends Error {
  constructor(
    message: string,
    readonly damaged: boolean,
  ) {
    super(message);
  }
}

/** Returns the record of a process that was promised a moment ago. */
export function newRecord(wanted: ProcessSpec): ProcessRecord {
  const { id, key, repo, commit, command, env, labels } = wanted;
  const spec = { id, key, repo, commit, command, env, ...(labels && { labels }) };
  return { spec, run: null, restarts: 0, failures: 0, lastExit: null, stopping: false };
}

/** Returns a record brought up to date. */
export function updated(
  record: ProcessRecord,
  { phase, restarts, failures, lastExit }: State,
): ProcessRecord {
  const stopping = phase.is === 'ending' && phase.next === 'gone';
  return { ...record, run: liveRun(phase), restarts, failures, lastExit, stopping };
}

/** Parses the text of a record. Throws a RecordError. */
export function parseRecord(text: string, id: string): ProcessRecord {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new RecordError(messageOf(error), true);
  }
  const result = v.safeParse(recordSchema(id), json, { abortEarly: true });
  if (result.success) return result.output;
  const [issue] = result.issues;
  const where = v.getDotPath(issue);
  throw new RecordError(where ? `${where}: ${issue.message}` : issue.message, where !== 'version');
}
