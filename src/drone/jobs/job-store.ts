import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import { FleetError, messageOf } from '../../protocol/errors.ts';
import { makeDirectory, readJson, writeJson } from '../../system/json-file.ts';
import { putAside } from '../../system/put-aside.ts';
import { readRegular } from '../../system/regular-file.ts';
import { removeUnfinished } from '../../system/write-whole.ts';
import { type JobRecord, jobRecordSchema } from './job.ts';

/** The folder `job/` of a drone. Each job has `ID.json` (see job.ts), and `ID.exit`, written by the shell around it. */
export class JobStore {
  private readonly folder: string;

  constructor(
    dir: string,
    private readonly problem: (line: string) => void,
  ) {
    this.folder = join(dir, 'job');
  }

  /** Returns all records, and puts those aside that cannot be read. Throws EIO. */
  load(): JobRecord[] {
    removeUnfinished(this.folder);
    return this.ids().flatMap((id) => {
      const path = this.pathOf(id);
      try {
        return [v.parse(jobRecordSchema, readJson(path))];
      } catch (error) {
        this.problem(`${path} cannot be read: ${messageOf(error)}`);
        this.attempt(() => putAside(path));
        return [];
      }
    });
  }

  /** Writes a record durably. Throws EIO. */
  write(record: JobRecord): void {
    makeDirectory(this.folder);
    writeJson(this.pathOf(record.job.id), record);
  }

  /** Removes the files of a job; if that fails, it is reported as a problem. */
  remove(id: string): void {
    for (const path of [this.exitFile(id), `${this.exitFile(id)}.new`, this.pathOf(id)])
      this.attempt(() => rmSync(path, { force: true }));
  }

  /** Returns the path to which the shell around a job writes its exit status. */
  exitFile(id: string): string {
    return join(this.folder, `${id}.exit`);
  }

  /** Returns what the shell around a job has written; null if it has not. */
  readExit(id: string): string | null {
    try {
      return readRegular(this.exitFile(id));
    } catch {
      return null;
    }
  }

  private ids(): string[] {
    try {
      return readdirSync(this.folder).flatMap((file) => /^([0-9a-f]{6})\.json$/.exec(file)?.[1] ?? []);
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return [];
      throw new FleetError('EIO', `cannot read ${this.folder}: ${messageOf(cause)}`, { cause });
    }
  }

  private attempt(act: () => unknown): void {
    try {
      act();
    } catch (error) {
      this.problem(messageOf(error));
    }
  }

  private pathOf(id: string): string {
    return join(this.folder, `${id}.json`);
  }
}
