import { appName } from '../../protocol/app-names.ts';
import { messageOf } from '../../protocol/errors.ts';
import { mayBeReadLater } from '../store/not-written.ts';
import type { Store } from '../store/store.ts';
import type { AppStore } from './app-store.ts';
import type { Apps } from './apps.ts';

const PREFIX = 'app.';
const READ_AGAIN_AFTER_MS = 1_000;

/** Has a hub know what other hubs store of apps. */
export class FollowedApps {
  /** Those that are being read: true if there was a change meanwhile. */
  private readonly reading = new Map<string, boolean>();
  /** What was logged of those that could not be read. */
  private readonly problems = new Map<string, string>();
  private isClosed = false;
  private readonly unwatch: () => void;

  constructor(
    private readonly apps: Pick<Apps, 'all' | 'byName' | 'reread'>,
    private readonly store: Pick<AppStore, 'load'>,
    watched: Pick<Store, 'watch'>,
    private readonly log: (line: string) => void,
  ) {
    this.unwatch = watched.watch(PREFIX, (key) => void this.read(key.slice(PREFIX.length)));
  }

  close(): void {
    this.isClosed = true;
    this.unwatch();
  }

  /**
   * Reads all apps, and stores each again: whoever has decided before and goes on has other revisions now, and changes
   * nothing any more. Throws EIO, ECLUSTER.
   */
  async confirm(): Promise<void> {
    const apps = [...(await this.store.load()).map(({ app }) => app), ...this.apps.all()];
    await Promise.all(
      [...new Set(apps.map(appName))].map(async (name) => {
        await this.apps.reread(name);
        await this.apps.byName(name)?.kept.change(() => ({ next: {} }));
      }),
    );
  }

  /** One after the other for each app; many changes during one are read together. */
  private async read(name: string): Promise<void> {
    const isUnderWay = this.reading.has(name);
    this.reading.set(name, isUnderWay);
    if (isUnderWay) return;
    await this.apps.reread(name).then(
      () => this.problems.delete(name),
      (error: unknown) => this.unread(name, error),
    );
    const again = this.reading.get(name) ?? false;
    this.reading.delete(name);
    if (again) await this.read(name);
  }

  /** What could not be read is read again, and what is wrong with it logged once. */
  private unread(name: string, error: unknown): void {
    const problem = `${name}: ${messageOf(error)}`;
    if (this.problems.get(name) !== problem) this.log(problem);
    this.problems.set(name, problem);
    if (!mayBeReadLater(error)) return;
    setTimeout(() => {
      if (!this.isClosed) void this.read(name);
    }, READ_AGAIN_AFTER_MS);
  }
}
