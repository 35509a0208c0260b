import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { FleetError, messageOf } from '../../protocol/errors.ts';
import { makeDirectory, writeJson } from '../../system/json-file.ts';
import { putAside } from '../../system/put-aside.ts';
import { removeDurably, writeWhole } from '../../system/write-whole.ts';
import { type ProcessRecord, parseRecord, RecordError } from './record.ts';

/** A record that this fleet cannot read. */
export interface UnreadRecord {
  id: string;
  path: string;
  error: RecordError;
}

/** The folder `run/` of a drone: a record for each process. */
export class RecordStore {
  private readonly folder: string;

  /** Throws EIO if the folder cannot be made. */
  constructor(dir: string) {
    this.folder = join(dir, 'run');
    makeDirectory(this.folder);
  }

  /** Returns all that was promised, and what cannot be understood of it. Throws EIO. */
  load(): { records: ProcessRecord[]; unread: UnreadRecord[] } {
    const records: ProcessRecord[] = [];
    const unread: UnreadRecord[] = [];
    for (const file of this.files()) {
      const path = join(this.folder, file);
      if (file.endsWith('.tmp')) rmSync(path, { force: true });
      const id = /^([0-9a-f]{6})\.json$/.exec(file)?.[1];
      if (id === undefined) continue;
      try {
        records.push(parseRecord(readText(path), id));
      } catch (error) {
        if (!(error instanceof RecordError)) throw error;
        unread.push({ id, path, error });
      }
    }
    return { records, unread };
  }

  /** True if there is a record of this id, whether it can be read or not. */
  has(id: string): boolean {
    return existsSync(this.pathOf(id));
  }

  /** Writes what no power cut may take back. Throws EIO. */
  promise(record: ProcessRecord): void {
    writeJson(this.pathOf(record.spec.id), record);
  }

  /**
   * Notes a change. Nothing is synced: a power cut ends the process too, and if the drone is killed the system still
   * writes it. Throws EIO.
   */
  save(record: ProcessRecord): void {
    writeWhole(this.pathOf(record.spec.id), JSON.stringify(record));
  }

  /** Removes a record; no power cut brings it back. Throws EIO. */
  forget(id: string): void {
    removeDurably(this.pathOf(id));
  }

  /** Keeps a damaged record under a name that no drone reads, and returns that. Throws EIO. */
  putAside(id: string): string {
    return putAside(this.pathOf(id));
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
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    // The file may be fine, and its owner or its disk not.
    throw new RecordError(messageOf(error), false);
  }
}
