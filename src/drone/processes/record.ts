import * as v from 'valibot';
import { instanceSpec } from '../../protocol/app-words.ts';
import { messageOf } from '../../protocol/errors.ts';
import type { LastExit, ProcessSpec } from '../../protocol/process.ts';
import * as s from '../../protocol/words.ts';
import { isGivenUp, liveRun, type State } from './phases.ts';
import type { Run } from './process-table.ts';

/**
 * What the drone promised to keep running, and what is running of it. On disk that is two files:
 *
 * - `run/ID.json` has exactly the keys that the first fleet wrote: that version rejects a file with an extra key, and
 *   ends its process, so with a new key a downgrade would end processes. It is version 1, also without a `version`.
 * - `run/ID.more.json` exists if the process uses anything newer. A drone that does not know it ignores it, and still
 *   knows the process. It is written before the other file: with the spec, which never changes, and if a process that may
 *   not end too often has ended.
 *
 * Keys that this version does not know are kept in both: a newer one has written them, and may come back.
 */
export interface ProcessRecord {
  spec: ProcessSpec;
  /** Null while it does not run, and if it was started just before the drone was killed. */
  run: Run | null;
  restarts: number;
  failures: number;
  lastExit: LastExit | null;
  /** True if a stop was requested: if the drone is killed during it, the next one completes it. */
  stopping: boolean;
  /** It has ended too often, and waits for somebody to restart it. */
  givenUp: boolean;
  /** See `State.ends`; in milliseconds since 1970. */
  ends: readonly number[];
  /** What a newer version has written into the second file. */
  newer: Record<string, unknown>;
}

/** What is needed to start it again. Everything else has a default, because it can be found out or done without. */
const specSchema = (id: string) =>
  v.looseObject({
    id: v.optional(v.literal(id), id),
    key: v.fallback(s.key, id.padEnd(32, '0')),
    repo: s.name,
    commit: s.commit,
    command: s.command,
    env: v.optional(s.env, {}),
  });

/** What has been added to the spec since the first fleet. */
const moreSchema = v.looseObject({
  version: v.exactOptional(v.literal(1)),
  labels: v.exactOptional(s.labels),
  cwd: v.exactOptional(s.path),
  port: v.exactOptional(s.port),
  instance: v.exactOptional(instanceSpec),
  givenUp: v.fallback(v.optional(v.boolean(), false), false),
  ends: v.fallback(v.optional(v.array(v.number()), []), []),
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

/** Why a record cannot be read. If `damaged`, no version can; otherwise a newer one may. */
export class RecordError extends Error {
  constructor(
    message: string,
    readonly damaged: boolean,
  ) {
    super(message);
  }
}

const NOTHING_MORE = { givenUp: false, ends: [], newer: {} };

/** Returns the record of a process that was accepted just now. */
export function newRecord(wanted: ProcessSpec): ProcessRecord {
  const { id, key, repo, commit, command, env } = wanted;
  const spec = { id, key, repo, commit, command, env, ...newIn(wanted) };
  return { spec, run: null, restarts: 0, failures: 0, lastExit: null, stopping: false, ...NOTHING_MORE };
}

/** Returns the record with these variables, which win over those that it has. */
export function withEnv(record: ProcessRecord, env: Record<string, string>): ProcessRecord {
  const { spec } = record;
  return { ...record, spec: { ...spec, env: { ...spec.env, ...env } } };
}

/** Returns a record that matches the state. */
export function updated(
  record: ProcessRecord,
  { phase, restarts, failures, lastExit, ends: times }: State,
  origin = performance.timeOrigin,
): ProcessRecord {
  const stopping = phase.is === 'ending' && phase.next === 'gone';
  const ends = times.map((at) => Math.round(at + origin));
  const givenUp = isGivenUp(phase);
  return { ...record, run: liveRun(phase), restarts, failures, lastExit, stopping, givenUp, ends };
}

/** Returns the content of a record's two files; `more` is null if there is no second one. */
export function contentsOf(record: ProcessRecord): { content: object; more: object | null } {
  const { givenUp, ends, newer, ...content } = record;
  const { labels, cwd, port, instance, ...spec } = record.spec;
  const more = {
    ...newer,
    ...newIn(record.spec),
    ...(givenUp && { givenUp }),
    ...(ends.length > 0 && { ends }),
  };
  return { content: { ...content, spec }, more: Object.keys(more).length > 0 ? more : null };
}

/** Returns true if the second file has to be written again. */
export function isMoreChanged(before: ProcessRecord, { givenUp, ends }: ProcessRecord): boolean {
  return before.givenUp !== givenUp || before.ends.join() !== ends.join();
}

/** Parses the texts of a record's two files; `more` is null if there is no second one. Throws a RecordError. */
export function parseRecord(id: string, text: string, more: string | null): ProcessRecord {
  const record = parse(recordSchema(id), text, '');
  if (more === null) return { ...record, ...NOTHING_MORE };
  const { labels, cwd, port, instance, givenUp, ends, ...newer } = parse(
    moreSchema,
    more,
    `${id}.more.json: `,
  );
  const spec = { ...record.spec, ...newIn({ labels, cwd, port, instance }) };
  return { ...record, spec, givenUp, ends, newer };
}

/** Returns what a spec has that the first fleet does not know. */
function newIn({ labels, cwd, port, instance }: Pick<ProcessSpec, 'labels' | 'cwd' | 'port' | 'instance'>) {
  return {
    ...(labels && { labels }),
    ...(cwd !== undefined && { cwd }),
    ...(typeof port === 'number' && { port }),
    ...(instance && { instance }),
  };
}

function parse<S extends v.GenericSchema>(schema: S, text: string, prefix: string): v.InferOutput<S> {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new RecordError(`${prefix}${messageOf(error)}`, true);
  }
  const result = v.safeParse(schema, json, { abortEarly: true });
  if (result.success) return result.output;
  const [issue] = result.issues;
  const where = v.getDotPath(issue);
  throw new RecordError(`${prefix}${where ? `${where}: ` : ''}${issue.message}`, where !== 'version');
}
