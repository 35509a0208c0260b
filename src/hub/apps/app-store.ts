import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import { appName, parseAppName } from '../../protocol/app-names.ts';
import { FleetError, messageOf } from '../../protocol/errors.ts';
import { makeDirectory, readJson, writeJson } from '../../system/json-file.ts';
import { type AppRecord, appSchema } from './app-record.ts';

const SUFFIX = '.json';

/** What the hub knows of apps: a file each, in `apps/` of its directory, replaced as a whole before the hub acts on it. */
export class AppStore {
  private readonly folder: string;

  constructor(
    dir: string,
    private readonly log: (line: string) => void,
  ) {
    this.folder = join(dir, 'apps');
  }

  /** Returns all apps. One whose file cannot be read is left out and logged: nothing is done about that app. */
  load(): AppRecord[] {
    return this.files().flatMap((file) => {
      try {
        return [this.read(file)];
      } catch (error) {
        this.log(`${file.slice(0, -SUFFIX.length)} is left alone: ${messageOf(error)}`);
        return [];
      }
    });
  }

  /** Records an app durably. Throws EIO. */
  save(app: AppRecord): void {
    makeDirectory(this.folder);
    writeJson(this.path(`${appName(app)}${SUFFIX}`), app);
  }

  /** Forgets an app. Throws EIO. */
  remove(app: AppRecord): void {
    const path = this.path(`${appName(app)}${SUFFIX}`);
    try {
      rmSync(path, { force: true });
    } catch (cause) {
      throw new FleetError('EIO', `cannot remove ${path}: ${messageOf(cause)}`, { cause });
    }
  }

  private read(file: string): AppRecord {
    const path = this.path(file);
    const result = v.safeParse(appSchema, readJson(path), { abortEarly: true });
    if (result.success) return result.output;
    const [issue] = result.issues;
    throw new FleetError('ECONFIG', `${path}: ${v.getDotPath(issue) ?? ''}: ${issue.message}`);
  }

  private files(): string[] {
    try {
      const names = readdirSync(this.folder);
      return names.filter((name) => name.endsWith(SUFFIX) && parseAppName(name.slice(0, -SUFFIX.length)));
    } catch {
      return [];
    }
  }

  private path(file: string): string {
    return join(this.folder, file);
  }
}
