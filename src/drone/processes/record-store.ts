import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { FleetError, messageOf } from '../../protocol/errors.ts';
import { makeDirectory, writeJson } from '../../system/json-file.ts';
import { putAside } from '../../system/put-aside.ts';
import { readRegular } from '../../system/regular-file.ts';
import { removeDurably, writeCrashSafe } from '../../system/write-whole.ts';
import { contentsOf, type ProcessRecord, parseRecord, RecordError } from './record.ts';

/** A record that this version cannot read. */
export interface UnreadRecord {
  id: string;
  path: string;
  error: RecordError;
}

/** The folder `run/` of a drone: a record for each process. See record.ts for their content. */
export class RecordStore {
  private readonly folder: string;

  /** Throws EIO if the folder cannot be made. */
  constructor(dir: string) {
    this.folder = join(dir, 'run');
    makeDirectory(this.folder);
  }

  /** Returns all records, and those that cannot be read. Throws EIO. */
  load(): { records: ProcessRecord[]; unread: UnreadRecord[] } {
    const records: ProcessRecord[] = [];
    const unread: UnreadRecord[] = [];
    for (const id of this.sweep()) {
      const path = this.pathOf(id);
      try {
        records.push(parseRecord(id, readText(path) ?? '', readText(this.morePathOf(id))));
      } catch (error) {
        if (!(error instanceof RecordError)) throw error;
        unread.push({ id, path, error });
      }
    }
    return { records, unread };
  }

  /** Returns true if there is a record of this id, readable or not. */
  has(id: string): boolean {
    return existsSync(this.pathOf(id));
  }

  /** Writes a record durably: it survives a power failure. Throws EIO, and leaves nothing behind then. */
  promise(record: ProcessRecord): void {
    const { id } = record.spec;
    const { content, more } = contentsOf(record);
    try {
      if (more) writeJson(this.morePathOf(id), more);
      writeJson(this.pathOf(id), content);
    } catch (error) {
      // The file may exist, with only its directory entry not synced yet.
      discard(this.pathOf(id));
      discard(this.morePathOf(id));
      throw error;
    }
  }

  /** Replaces a promise durably, and returns it. Throws EIO: then the one before stays. */
  change(record: ProcessRecord): ProcessRecord {
    writeJson(this.pathOf(record.spec.id), contentsOf(record).content);
    return record;
  }

  /**
   * Writes a change. A power failure may take the change back, for it ends the process too, but not what was promised
   * before. Throws EIO.
   */
  save(record: ProcessRecord): void {
    writeCrashSafe(this.pathOf(record.spec.id), JSON.stringify(contentsOf(record).content));
  }

  /** Writes a change of what the first fleet does not know, likewise. Throws EIO. */
  saveMore(record: ProcessRecord): void {
    writeCrashSafe(this.morePathOf(record.spec.id), JSON.stringify(contentsOf(record).more ?? {}));
  }

  /** Removes a record durably: a power failure does not bring it back. Throws EIO. */
  forget(id: string): void {
    removeDurably(this.pathOf(id));
    rmSync(this.morePathOf(id), { force: true });
  }

  /** Renames a damaged record so that no drone reads it, and returns the new name. Throws EIO. */
  putAside(id: string): string {
    if (existsSync(this.morePathOf(id))) putAside(this.morePathOf(id));
    return putAside(this.pathOf(id));
  }

  /** Removes unfinished files, and returns the ids of all records. */
  private sweep(): string[] {
    const files = this.files();
    const ids = new Set(files.flatMap((file) => /^([0-9a-f]{6})\.json$/.exec(file)?.[1] ?? []));
    const isOrphan = (file: string) => {
      const id = /^([0-9a-f]{6})\.more\.json$/.exec(file)?.[1];
      return id !== undefined && !ids.has(id);
    };
    for (const file of files.filter((one) => one.endsWith('.tmp') || isOrphan(one))) {
      discard(join(this.folder, file));
    }
    return [...ids];
  }

  private files(): string[] {
    try {
      return readdirSync(this.folder);
    } catch (cause) {
      throw new FleetError('EIO', `cannot read ${this.folder}: ${messageOf(cause)}`, { cause });
    }
  }

  private pathOf(id: string): string {
    return join(this.folder, `${id}.json`);
  }

  private morePathOf(id: string): string {
    return join(this.folder, `${id}.more.json`);
  }
}

function discard(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {
    // A leftover does no harm.
  }
}

/** Returns null if there is no such file. */
function readText(path: string): string | null {
  try {
    return readRegular(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    // The file may be fine, and its owner or its disk not.
    throw new RecordError(messageOf(error), error instanceof FleetError);
  }
}
