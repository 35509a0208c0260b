import * as v from 'valibot';
import type { LogOwner } from '../../protocol/answers.ts';
import type { InstanceSpec } from '../../protocol/instance.ts';
import { logOwner } from '../../protocol/log-words.ts';
import * as s from '../../protocol/words.ts';
import { readRegular } from '../../system/regular-file.ts';
import { writeWhole } from '../../system/write-whole.ts';

/** Which process a log belongs to. */
export interface LogProcess {
  id: string;
  repo: string;
  commit: string;
  command: string[];
  /** How long its log is kept after it was stopped; an hour by default. */
  keepMs?: number;
  /** Of what of an app it is. */
  of?: LogOwner;
}

/** A process, and what makes it an instance. */
export interface LoggedProcess extends LogProcess {
  instance?: Pick<InstanceSpec, 'app' | 'release' | 'service' | 'slot'> | null | undefined;
}

/** How long a log is kept after its process was stopped. */
const KEEP_STOPPED_MS = 3_600_000;
/** The same for logs of a release, which are read days later. */
export const KEEP_RELEASE_LOG_MS = 7 * 86_400_000;

/**
 * The content of `log/ID.json`. Offsets count from the first byte that the process ever wrote. Keys that this version
 * does not know are kept.
 */
export interface LogMeta extends Omit<LogProcess, 'of'> {
  /** The first byte still kept; everything before it is removed. */
  start: number;
  /** The offset of the file's first byte: not 0 only if the file system cannot punch holes. */
  base: number;
  /** How many lines were removed. */
  dropped: number;
  /** True if more were removed than `dropped` says: they came faster than they could be counted. */
  atLeast: boolean;
  /** When the process was stopped for good, in ms since 1970; null while it is kept running. */
  stoppedAt: number | null;
  keepMs: number;
  /** Of what of an app it is; null if it is not of an app, or if its drone did not note that. */
  of: LogOwner | null;
}

/** A description as it was read. */
export interface ReadMeta {
  /** `start` is null if it is not known where the log begins. */
  meta: Omit<LogMeta, 'start'> & { start: number | null };
  /** True if some of it was damaged and has the value of a new log. */
  damaged: boolean;
}

const entries = (id: string) => ({
  id: v.optional(v.literal(id), id),
  repo: s.name,
  commit: s.commit,
  command: s.command,
  start: s.bytes,
  base: v.optional(s.bytes, 0),
  dropped: v.optional(s.count, 0),
  atLeast: v.optional(v.boolean(), false),
  stoppedAt: v.optional(v.nullable(s.milliseconds), null),
  keepMs: v.optional(s.milliseconds, KEEP_STOPPED_MS),
  of: v.optional(v.nullable(logOwner), null),
});

/** The same, with a fallback for each damaged key. */
const salvage = (id: string) => {
  const sound = entries(id);
  const unknown = namelessProcess(id);
  return v.fallback(
    v.looseObject({
      id: v.fallback(sound.id, id),
      repo: v.fallback(sound.repo, unknown.repo),
      commit: v.fallback(sound.commit, unknown.commit),
      command: v.fallback(sound.command, unknown.command),
      start: v.fallback(v.nullable(sound.start), null),
      base: v.fallback(sound.base, 0),
      dropped: v.fallback(sound.dropped, 0),
      atLeast: v.fallback(sound.atLeast, false),
      stoppedAt: v.fallback(sound.stoppedAt, null),
      keepMs: v.fallback(sound.keepMs, KEEP_STOPPED_MS),
      of: v.fallback(sound.of, null),
    }),
    { ...freshMeta(unknown), start: null },
  );
};

/** Returns a placeholder for the process if the file that names it is lost: the output is worth showing anyway. */
function namelessProcess(id: string): LogProcess {
  return { id, repo: 'unknown', commit: '0'.repeat(40), command: ['unknown'] };
}

export function isNameless({ id, repo }: Pick<LogProcess, 'id' | 'repo'>): boolean {
  return repo === namelessProcess(id).repo;
}

/** Returns the process of a log; the logs of instances are kept for longer. */
export function logOf({ instance, ...process }: LoggedProcess): LogProcess {
  if (!instance) return process;
  const { app, release, service, slot } = instance;
  return { ...process, keepMs: KEEP_RELEASE_LOG_MS, of: { app, release, service, slot } };
}

/** Returns the description of a new, empty log. */
export function freshMeta(process: LoggedProcess): LogMeta {
  const { id, repo, commit, command, keepMs = KEEP_STOPPED_MS, of = null } = logOf(process);
  const nothing = { start: 0, base: 0, dropped: 0, atLeast: false, stoppedAt: null } as const;
  return { id, repo, commit, command, ...nothing, keepMs, of };
}

/** Returns true if a log is no longer kept. */
export function isOver({ stoppedAt, keepMs }: Pick<LogMeta, 'stoppedAt' | 'keepMs'>, now: number): boolean {
  return stoppedAt !== null && stoppedAt <= now - keepMs;
}

/** Returns true if a log is kept for longer than others, and only for those who ask for it. */
export function isArchived({ stoppedAt }: Pick<LogMeta, 'stoppedAt'>, now: number): boolean {
  return isOver({ stoppedAt, keepMs: KEEP_STOPPED_MS }, now);
}

/** Returns what can be recovered from a log's description. */
export function readMeta(path: string, id: string): ReadMeta {
  const json = readJson(path);
  const sound = v.safeParse(v.looseObject(entries(id)), json);
  const meta = sound.success ? sound.output : v.parse(salvage(id), json);
  return { meta, damaged: !sound.success };
}

/**
 * Replaces the whole file, without fsync: next to a process that writes 100 MB/s it would block the drone for seconds,
 * and what a power failure may cost (where the log begins) is recovered from the hole in the log. Throws EIO.
 */
export function writeMeta(path: string, meta: LogMeta): void {
  writeWhole(path, `${JSON.stringify(meta)}\n`);
}

function readJson(path: string): unknown {
  try {
    return JSON.parse(readRegular(path));
  } catch {
    return undefined;
  }
}
