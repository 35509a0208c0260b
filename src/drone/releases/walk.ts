import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { hasCommit } from '../../git/mirror.ts';
import { trackUnknownFiles } from '../../git/tracked-files.ts';
import { FleetError, messageOf } from '../../protocol/errors.ts';
import { type Findings, next, type Step, type Want } from './next.ts';
import type { ReleaseRecord } from './release.ts';
import { check } from './steps/check.ts';
import { checkout } from './steps/checkout.ts';
import { filesIn, type StepContext } from './steps/context.ts';
import { restore } from './steps/restore.ts';

/** How many changed files a message names. */
const FILES_NAMED = 3;

/** Takes a release to the wanted state, by the steps that `next` decides on, one after the other. */
export class Walk {
  private findings: Findings | null = null;
  private isMade = false;
  private isTrackedAnew = false;
  /** True if the files that should be there cannot be determined. */
  private isUncertain = false;

  constructor(
    private readonly context: StepContext,
    private readonly want: Want,
  ) {}

  /** Returns true if something was made or restored. Throws ENOCOMMIT, EGIT, EIO, and the errors of an unreachable hub. */
  async run(): Promise<boolean> {
    try {
      for (let step = await this.next(); step; step = await this.next()) await this.take(step);
    } catch (error) {
      if (!this.isThere()) this.record({ state: 'failed', why: messageOf(error) });
      throw error;
    }
    this.settle();
    return this.isMade;
  }

  private async next(): Promise<Step | null> {
    if (this.isMade || this.isUncertain) return null;
    const { release, store, boot } = this.context;
    return next(this.want, store.read(release), {
      isThere: this.isThere(),
      isFetched: await hasCommit(store.mirror(release), release.commit),
      isTracked: existsSync(this.index()),
      findings: this.findings,
      boot,
    });
  }

  private async take(step: Step): Promise<void> {
    switch (step.do) {
      case 'fetch':
        await this.context.mirrors.fetch(this.context.release);
        if (!this.isThere()) this.record({ state: 'fetched' });
        return;
      case 'checkout':
        return this.checkout();
      case 'track':
        return this.track();
      case 'check':
        return this.check();
      case 'restore':
        return this.restore(step.files);
    }
  }

  private async checkout(): Promise<void> {
    const { context, findings } = this;
    const current = this.directory();
    const directory = await checkout(context, current, this.want === 'new');
    if (findings) this.say(findings.changed, `checked out again in deploy/${directory}`);
    this.record({ state: 'checked-out', directory });
    this.isMade = true;
  }

  private async track(): Promise<void> {
    const { release, mirrors, env } = this.context;
    const track = () => trackUnknownFiles(filesIn(this.context, this.directory()), env);
    this.isTrackedAnew = true;
    try {
      // A start must not wait for the hub for something that it does not strictly need.
      await (this.want === 'present' ? track() : mirrors.use(release, track));
    } catch (error) {
      this.makeDo(error);
    }
  }

  private async check(): Promise<void> {
    try {
      this.findings = await check(this.context, this.directory());
    } catch (error) {
      const isDisk = error instanceof FleetError && error.code === 'EIO';
      if (this.isTrackedAnew || isDisk) return this.makeDo(error);
      // The index is damaged. Without it, the files are compared one by one.
      await rm(this.index(), { force: true });
    }
  }

  /** Lets a process start from what there is; rethrows the error for anything else. */
  private makeDo(error: unknown): void {
    if (this.want !== 'present') throw error;
    this.isUncertain = true;
  }

  private async restore(files: string[]): Promise<void> {
    if (this.want === 'whole') this.record({ state: 'fetched' });
    try {
      await restore(this.context, this.directory(), files);
    } catch (error) {
      if (!(error instanceof FleetError) || error.code !== 'EGIT' || !this.findings) throw error;
      // Something in the directory cannot be overwritten, so it is left alone like an occupied one.
      this.findings = { ...this.findings, isOccupied: true };
      return;
    }
    this.say(files, 'restored');
    this.isMade = true;
  }

  /** Records the state after the last step. */
  private settle(): void {
    const { release, store, boot } = this.context;
    const record = store.read(release);
    if (this.isUncertain) store.assume(release, this.fresh({ state: 'ready' }));
    else if (record?.state !== 'ready' || record.boot !== boot) this.record({ state: 'ready' });
  }

  private record(change: Partial<ReleaseRecord>): void {
    this.context.store.write(this.context.release, this.fresh(change));
  }

  private fresh(change: Partial<ReleaseRecord>): ReleaseRecord {
    const before = this.context.store.read(this.context.release);
    return {
      version: 1,
      state: before?.state ?? 'fetched',
      directory: this.directory(),
      at: Date.now(),
      boot: this.context.boot,
      why: null,
      ...change,
    };
  }

  private directory(): string {
    const { release, store } = this.context;
    return store.read(release)?.directory ?? release.name;
  }

  private isThere(): boolean {
    return existsSync(this.context.store.pathOf(this.directory()));
  }

  private index(): string {
    return join(this.context.store.gitDir(this.context.release), 'index');
  }

  private say(files: string[], what: string): void {
    const { repo, commit } = this.context.release;
    const named = files.slice(0, FILES_NAMED).join(', ');
    const more = files.length > FILES_NAMED ? ` and ${files.length - FILES_NAMED} more` : '';
    this.context.problem(`${repo}/${commit} was changed on this drone (${named}${more}): ${what}`);
  }
}
