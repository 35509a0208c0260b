import { appName } from '../../protocol/app-names.ts';
import { FleetError } from '../../protocol/errors.ts';
import { Semaphore } from '../../system/semaphore.ts';
import { type AppRecord, newApp } from './app-record.ts';
import type { AppStore, StoredApp } from './app-store.ts';

/** What becomes of an app. */
export interface AppChange {
  next: Partial<AppRecord>;
  /** Called when it is stored, before anything else is decided. */
  stored?(): void;
}

/** Another hub that is always faster is one that does nothing else. */
const MAX_TRIES = 20;

/**
 * The record of an app, as this hub has it. Changes are made one after the other, each on what the one before has left; if
 * another hub has stored something meanwhile, that is read, and the change is decided anew.
 */
export class KeptApp {
  /** Always the same object, with what is stored. */
  readonly app: AppRecord;
  private revision: number;
  private readonly turns = new Semaphore(1);

  constructor(
    stored: StoredApp,
    private readonly store: Pick<AppStore, 'get' | 'save' | 'remove'>,
    /** Called when the record is another one. */
    private readonly changed: () => void,
  ) {
    // The store's own object stays as it is.
    this.app = { ...stored.app };
    this.revision = stored.revision;
  }

  get stored(): StoredApp {
    return { app: this.app, revision: this.revision };
  }

  /**
   * Stores what `decide` makes of the record, and returns that; null changes nothing. `decide` may be asked again, and what it
   * throws is thrown. Throws EIO, ECONFLICT, and then nothing has changed.
   */
  change<C extends AppChange | null>(decide: (app: AppRecord) => C): Promise<C> {
    return this.turns.run(async () => {
      for (let n = 0; n < MAX_TRIES; n++) {
        const change = decide(this.app);
        if (!change) return change;
        if (await this.replace({ ...this.app, ...change.next })) {
          change.stored?.();
          return change;
        }
        await this.readAnew();
      }
      throw new FleetError('ECONFLICT', `other hubs are changing ${appName(this.app)}; try again`);
    });
  }

  /** Reads what another hub may have stored. Throws ECONFIG, EIO. */
  reread(): Promise<void> {
    return this.turns.run(() => this.readAnew());
  }

  /** Forgets the app. Throws ECONFLICT if another hub has changed it, EIO. */
  remove(): Promise<void> {
    return this.turns.run(async () => {
      await this.store.remove(this.app, this.revision);
      this.revision = 0;
    });
  }

  /** Resolves when all changes up to now are stored, or could not be. */
  settled(): Promise<void> {
    return this.turns.run(async () => {});
  }

  /** Returns false if another hub was faster. */
  private async replace(next: AppRecord): Promise<boolean> {
    try {
      this.become(next, await this.store.save(next, this.revision));
      return true;
    } catch (error) {
      if (error instanceof FleetError && error.code === 'ECONFLICT') return false;
      throw error;
    }
  }

  private async readAnew(): Promise<void> {
    const stored = await this.store.get(appName(this.app));
    const revision = stored?.revision ?? 0;
    if (revision !== this.revision)
      this.become(stored?.app ?? newApp(this.app.repo, this.app.stage), revision);
  }

  private become(app: AppRecord, revision: number): void {
    Object.assign(this.app, app);
    this.revision = revision;
    this.changed();
  }
}
