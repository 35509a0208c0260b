import { readFileSync } from 'node:fs';
import * as v from 'valibot';
import { FleetError } from '../../protocol/errors.ts';
import * as s from '../../protocol/words.ts';
import { writeWhole } from '../../system/write-whole.ts';

/** Whose log it is. */
export interface LogProcess {
  id: string;
  repo: string;
  commit: string;
  command: string[];
}

/** What `log/ID.json` holds. Offsets count from the first byte that the process ever wrote. */
export interface LogMeta extends LogProcess {
  /** The first byte still kept; all before it is cut away. */
  start: number;
  /** The offset of the file's own first byte: not 0 only where a file system cannot punch holes. */
  base: number;
  /** Lines cut away. */
  dropped: number;
  /** Milliseconds since 1970 when the process was stopped for good; null while it is kept running. */
  stoppedAt: number | null;
}

const schema = v.strictObject({
  id: s.id,
  repo: s.name,
  commit: s.commit,
  command: s.command,
  start: s.bytes,
  base: s.bytes,
  dropped: s.count,
  stoppedAt: v.nullable(s.milliseconds),
});

/** Whose log it is where the file that says so is lost: the bytes are worth showing all the same. */
export function namelessProcess(id: string): LogProcess {
  return { id, repo: 'unknown', commit: '0'.repeat(40), command: ['unknown'] };
}

/** A new log of a process, with nothing in it yet. */
export function freshMeta({ id, repo, commit, command }: LogProcess): LogMeta {
  return { id, repo, commit, command, start: 0, base: 0, dropped: 0, stoppedAt: null };
}

/** Null where there is no such file; ECONFIG where it is cut in half or otherwise not what it should be. */
export function readMeta(path: string): LogMeta | null {
  try {
    return v.parse(schema, JSON.parse(readFileSync(path, 'utf8')));
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw new FleetError('ECONFIG', `${path} is not a log's description any more`, { cause });
  }
}

/**
 * Replaces the file as a whole. There is no fsync: next to a process that writes 100 MB/s it would hold up the drone
 * for seconds, and what a power cut can cost here (where the log begins) is found again from the holes in the log.
 * Throws EIO.
 */
export function writeMeta(path: string, meta: LogMeta): void {
  writeWhole(path, `${JSON.stringify(meta)}\n`);
}
