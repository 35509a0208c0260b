import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { hasCommit } from '../../git/mirror.ts';
import { trackUnknownFiles } from '../../git/tracked-files.ts';
import { FleetError, messageOf } from '../../protocol/errors.ts';
import { isNeedy, type Need } from './need.ts';
import { type Findings, isStart, next, type Step, type Want } from './next.ts';
import { Progress } from './progress.ts';
import type { ReleaseRecord } from './release.ts';
import { accept } from './steps/accept.ts';
import { check } from './steps/check.ts';
import { checkout } from './steps/checkout.ts';
import { filesIn, type StepContext } from './steps/context.ts';
import { link } from './steps/link.ts';
import { restore } from './steps/restore.ts';

/** Noting a deploy by hand is a synced write, and is not needed to the second. */
const NOTE_EVERY_MS = 3_600_000;
const NOTHING_FOUND: Findings = { changed: [], emptied: [], isOccupied: false };

/** One release on its way to what is wanted of it: the steps that `next` decides on, one after the other. */
export class Walk {
  /** The job of the build that has to end first; null if there is none. */
  pending: string | null = null;
  private readonly progress: Progress;
  private findings: Findings | null = null;
  private isMade = false;
  private isTrackedAnew = false;
  /** True if the files that should be there cannot be determined. */
  private isUncertain = false;

  constructor(
    private readonly context: StepContext,
    private readonly want: Want,
    /** What the app needs, if `built` is wanted. */
    private readonly need: Need | null = null,
  ) {
    this.progress = new Progress(context);
  }

  /** Returns true if something was made or restored. Throws ENOCOMMIT, EGIT, EIO, and the errors of an unreachable hub. */
  async run(): Promise<boolean> {
    try {
      for (let step = await this.next(); step; step = await this.next()) await this.take(step);
    } catch (error) {
      if (!this.progress.isThere) this.progress.record({ state: 'failed', why: messageOf(error) });
      throw error;
    }
    this.settle();
    return this.isMade;
  }

  private async next(): Promise<Step | null> {
    if (this.pending !== null || (this.isMade && this.want !== 'built')) return null;
    const { release, store, boot, builds } = this.context;
    const record = this.progress.known;
    return next(this.want, record, {
      isThere: this.progress.isThere,
      isFetched: await hasCommit(store.mirror(release), release.commit),
      isTracked: existsSync(this.progress.index),
      findings: this.findings,
      boot,
      isNeedy: this.need !== null && isNeedy(this.need),
      isInUse: this.isInUse(record),
      isToBuild: this.need !== null && this.need.build !== null,
      build: typeof record?.job === 'string' ? builds.stateOf(record.job) : null,
    });
  }

  private async take(step: Step): Promise<void> {
    switch (step.do) {
      case 'fetch':
        await this.context.mirrors.fetch(this.context.release);
        if (!this.progress.isThere) this.progress.record({ state: 'fetched' });
        return;
      case 'checkout':
        return this.checkout();
      case 'track':
        return this.track();
      case 'check':
        return this.check();
      case 'restore':
        return this.restore(step.files);
      case 'link':
        return this.link();
      case 'build':
        return this.build();
      case 'wait':
        this.pending = this.progress.known?.job ?? null;
        return;
      case 'accept':
        if (this.need?.build) await accept(this.context, this.progress.directory);
        this.progress.record({ prepared: 'built', builtAt: Date.now() });
        return;
    }
  }

  private async checkout(): Promise<void> {
    const { context, findings } = this;
    const current = this.progress.directory;
    // What a failed build has left was for inspection until the next attempt, which is this one.
    const mayReplace = this.want === 'new' || this.progress.known?.prepared === 'linked';
    const directory = await checkout(context, current, mayReplace);
    if (findings) this.progress.say(findings.changed, `checked out again in deploy/${directory}`);
    this.progress.record({ state: 'checked-out', directory, prepared: 'no', job: null, ...this.byHand() });
    this.findings = null;
    this.isMade = true;
  }

  private async link(): Promise<void> {
    if (this.need) await link(this.context, this.progress.directory, this.need);
    this.progress.record({ prepared: 'linked', job: null });
  }

  /** Starts the build, which runs on after the walk. */
  private async build(): Promise<void> {
    const { release, builds } = this.context;
    if (!this.need) return;
    const { path } = this.progress;
    // Recorded before it starts, so that after a kill a half-built checkout does not look unbuilt.
    this.pending = await builds.start(release, this.need, path, (job) => this.progress.record({ job }));
  }

  /** Nothing runs from a checkout that this walk has made. */
  private isInUse(record: ReleaseRecord | null): boolean {
    if (this.want !== 'built' || this.isMade || !this.need || !isNeedy(this.need)) return false;
    if (record !== null && record.prepared !== 'no') return false;
    const directory = this.progress.directory;
    return this.progress.isThere && this.context.occupied([directory]).has(directory);
  }

  private async track(): Promise<void> {
    const { release, mirrors, env } = this.context;
    const track = () => trackUnknownFiles(filesIn(this.context, this.progress.directory), env);
    this.isTrackedAnew = true;
    try {
      // A start does not wait for the hub to find out what it can do without.
      await (isStart(this.want) ? track() : mirrors.use(release, track));
    } catch (error) {
      this.makeDo(error);
    }
  }

  private async check(): Promise<void> {
    try {
      this.findings = await check(this.context, this.progress.directory);
    } catch (error) {
      const isDisk = error instanceof FleetError && error.code === 'EIO';
      if (this.isTrackedAnew || isDisk) return this.makeDo(error);
      // The index is damaged. Without it, the files are compared one by one.
      await rm(this.progress.index, { force: true });
    }
  }

  /** Lets a process start from what there is; rethrows the error for anything else. */
  private makeDo(error: unknown): void {
    if (!isStart(this.want)) throw error;
    this.isUncertain = true;
    this.findings = NOTHING_FOUND;
  }

  private async restore(files: string[]): Promise<void> {
    if (this.want === 'whole') this.progress.record({ state: 'fetched' });
    try {
      await restore(this.context, this.progress.directory, files);
    } catch (error) {
      if (!(error instanceof FleetError) || error.code !== 'EGIT' || !this.findings) throw error;
      // Something in the directory cannot be overwritten, so it is left alone like an occupied one.
      this.findings = { ...this.findings, isOccupied: true };
      return;
    }
    this.progress.say(files, 'restored');
    this.findings = NOTHING_FOUND;
    this.isMade = true;
  }

  /** Records the state after the last step. */
  private settle(): void {
    if (this.isUncertain) this.progress.assumeReady();
    else if (!this.progress.isReady || this.isToNote()) {
      this.progress.record({ state: 'ready', ...this.byHand() });
    }
  }

  private byHand(): { byHandAt?: number } {
    return this.want === 'built' ? {} : { byHandAt: Date.now() };
  }

  /** Returns true if the last deploy by hand is an hour ago. */
  private isToNote(): boolean {
    const { byHandAt = null } = this.progress.known ?? {};
    return this.want === 'whole' && Date.now() - (byHandAt ?? 0) > NOTE_EVERY_MS;
  }
}
