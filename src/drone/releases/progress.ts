import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { ReleaseRecord } from './release.ts';
import type { StepContext } from './steps/context.ts';

/** How many changed files a message names. */
const FILES_NAMED = 3;

/** The record of one release, while a walk changes it. */
export class Progress {
  constructor(private readonly context: Pick<StepContext, 'release' | 'store' | 'boot' | 'problem'>) {}

  /** Null if nothing is known of the release. */
  get known(): ReleaseRecord | null {
    return this.context.store.read(this.context.release);
  }

  record(change: Partial<ReleaseRecord>): void {
    this.context.store.write(this.context.release, this.with(change));
  }

  /** Notes that it is ready, which could not be verified, until this drone ends. */
  assumeReady(): void {
    this.context.store.assume(this.context.release, this.with({ state: 'ready' }));
  }

  get isReady(): boolean {
    const { known } = this;
    return known?.state === 'ready' && known.boot === this.context.boot;
  }

  get isThere(): boolean {
    return existsSync(this.path);
  }

  /** The name of the directory below `deploy/`. */
  get directory(): string {
    return this.known?.directory ?? this.context.release.name;
  }

  get path(): string {
    return this.context.store.pathOf(this.directory);
  }

  /** The index that lists the tracked files. */
  get index(): string {
    return join(this.context.store.gitDir(this.context.release), 'index');
  }

  /** Tells the operator which files were changed, and what was done about it. */
  say(files: readonly string[], what: string): void {
    const { app, commit } = this.context.release;
    const named = files.slice(0, FILES_NAMED).join(', ');
    const more = files.length > FILES_NAMED ? ` and ${files.length - FILES_NAMED} more` : '';
    this.context.problem(`${app}/${commit} was changed on this drone (${named}${more}): ${what}`);
  }

  private with(change: Partial<ReleaseRecord>): ReleaseRecord {
    const { known, directory } = this;
    const { boot } = this.context;
    const nothing = {
      version: 1,
      state: 'fetched',
      prepared: 'no',
      job: null,
      builtAt: null,
      byHandAt: null,
    } as const;
    return { ...nothing, ...known, directory, at: Date.now(), boot, why: null, ...change };
  }
}
