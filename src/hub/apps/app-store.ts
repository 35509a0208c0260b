import * as v from 'valibot';
import { appName } from '../../protocol/app-names.ts';
import { FleetError, messageOf } from '../../protocol/errors.ts';
import type { Entry, Store } from '../store/store.ts';
import { type AppRecord, appSchema } from './app-record.ts';

/** An app as it is stored. */
export interface StoredApp {
  app: AppRecord;
  /** 0 if nothing is stored of it yet. */
  revision: number;
}

/** What the hub knows of apps: a record each, which is stored before the hub acts on it. */
export class AppStore {
  constructor(
    private readonly store: Store,
    private readonly log: (line: string) => void,
  ) {}

  /** Returns all apps. One whose record cannot be read is left out and logged: nothing is done about that app. */
  async load(): Promise<StoredApp[]> {
    const entries = await this.store.list('app.');
    return entries.flatMap((entry) => {
      try {
        return [this.read(entry)];
      } catch (error) {
        this.log(`${entry.key.slice('app.'.length)} is left alone: ${messageOf(error)}`);
        return [];
      }
    });
  }

  /** Returns what is stored of an app; null for nothing. Throws ECONFIG if it cannot be read, EIO. */
  async get(name: string): Promise<StoredApp | null> {
    const entry = await this.store.get(`app.${name}`);
    return entry && this.read(entry);
  }

  /** Stores an app in place of what has this revision, 0 for nothing. Returns its new one. Throws ECONFLICT, ECONFIG, EIO. */
  save(app: AppRecord, revision: number): Promise<number> {
    const key = `app.${appName(app)}`;
    return revision === 0 ? this.store.create(key, app) : this.store.update(key, app, revision);
  }

  /** Forgets an app. Throws ECONFLICT, EIO. */
  async remove(app: AppRecord, revision: number): Promise<void> {
    if (revision > 0) await this.store.update(`app.${appName(app)}`, null, revision);
  }

  private read({ key, value, revision }: Entry): StoredApp {
    const result = v.safeParse(appSchema, value, { abortEarly: true });
    if (result.success) return { app: result.output, revision };
    const [issue] = result.issues;
    const where = v.getDotPath(issue) ?? '';
    throw new FleetError('ECONFIG', `${this.store.where(key)}: ${where}: ${issue.message}`);
  }
}
