import { appName } from '../../protocol/app-names.ts';
import { FleetError, messageOf } from '../../protocol/errors.ts';
import { Semaphore } from '../../system/semaphore.ts';
import { type AppRecord, type ReleaseRecord, releaseOf } from './app-record.ts';
import { applied } from './apply.ts';
import { decide } from './decide.ts';
import type { Change } from './decision.ts';
import { Errands } from './errands.ts';
import { newerHubText } from './fenced-orders.ts';
import type { AppChange, KeptApp } from './kept-app.ts';
import type { AppParts } from './parts.ts';
import { perform } from './perform.ts';
import { movedLines, nextMoveMs, withoutDrone } from './rescheduling.ts';
import { movables } from './targets.ts';
import { Telling } from './telling.ts';
import type { World } from './world.ts';

/** While something is on its way, time alone can change what comes next. */
const LOOK_AGAIN_MS = 500;
/** More changes than this in a row are a fault of the planner. */
const MAX_CHANGES = 1_000;

/**
 * Brings one app to what it should be, and keeps it there: decides, records, acts, and looks again when a drone has
 * reported something. Everything that it needs to go on after the hub was killed is in the app's record. Before `lead`, and
 * after `close`, it only shows what is there.
 */
export class Conductor {
  readonly errands: Errands;
  readonly telling: Telling;
  /** One look after the other. */
  private readonly looks = new Semaphore(1);
  private timer: NodeJS.Timeout | undefined;
  private isScheduled = false;
  private isBegun = false;
  /** What kept it from acting the last time. */
  private problem: string | null = null;

  constructor(
    readonly kept: KeptApp,
    private readonly parts: AppParts,
  ) {
    this.errands = new Errands(appName(kept.app), parts, () => this.look());
    this.telling = new Telling(this.app, parts);
  }

  get app(): AppRecord {
    return this.kept.app;
  }

  /** False as long as nothing could be stored of it: then there is no such app. */
  get isStored(): boolean {
    return this.kept.stored.revision > 0;
  }

  /** The release that is under way. */
  get underWay(): ReleaseRecord | null {
    return releaseOf(this.app, this.app.underWay);
  }

  get world(): World {
    return this.errands.world(this.app);
  }

  /** From now on, it decides and acts. */
  lead(): void {
    this.isBegun = true;
  }

  private get isLeading(): boolean {
    return this.isBegun && this.parts.fences.of(appName(this.app)) !== null;
  }

  /** Decides soon what to do, once for many reports. */
  look(): void {
    if (this.isScheduled || !this.isLeading) return;
    this.isScheduled = true;
    setImmediate(() => {
      void this.looks.run(() => {
        this.isScheduled = false;
        return this.act();
      });
    });
  }

  /** Stores what is to become of the app, and goes on from there. Throws ECLOSED; otherwise as `change` of {@link KeptApp}. */
  async change<C extends AppChange | null>(decide: (app: AppRecord) => C): Promise<C> {
    const change = await this.kept.change((app) => {
      if (!this.isLeading)
        throw new FleetError(
          'ECLOSED',
          `${appName(app)} was removed, or this hub decides about it no more; try again`,
        );
      return decide(app);
    });
    this.look();
    return change;
  }

  /** Places anew what was on a drone that does not come back. Returns false if nothing was. Throws EIO. */
  async forgetDrone(name: string): Promise<boolean> {
    const moved = await this.change((app) => {
      const next = withoutDrone(app, name);
      return next && { next };
    });
    return moved !== null;
  }

  close(): void {
    this.isBegun = false;
    clearTimeout(this.timer);
    this.errands.close();
  }

  /** Resolves when nothing of it is being done any more. */
  async settled(): Promise<void> {
    await this.looks.run(() => this.kept.settled());
    await this.telling.settled();
  }

  private async act(): Promise<void> {
    if (!this.isLeading) return;
    clearTimeout(this.timer);
    let isDone = true;
    try {
      this.telling.instances(this.world);
      for (let n = 0; n < MAX_CHANGES; n++) if (!(await this.kept.change((app) => this.step(app)))) break;
    } catch (error) {
      this.complain(messageOf(error));
      isDone = false;
    }
    if (!this.isLeading) return;
    const isBusy = this.errands.isBusy || this.telling.isAwaited || this.parts.rejoining.isOpen;
    if (this.app.underWay !== null || isBusy || !isDone) {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.look(), LOOK_AGAIN_MS);
    }
  }

  /** Returns the next change of the app; if there is none, it acts on what is stored. */
  private step(app: AppRecord): AppChange | null {
    // Drones that are on their way to another hub are not lost.
    if (!this.isLeading || this.parts.rejoining.isOpen) return null;
    const { world } = this;
    const { fileOf, newJob, log } = this.parts;
    const { change, commands, isSettled } = decide({ app, world, fileOf });
    if (!change) {
      perform(commands, this.errands, this.telling);
      this.lookWhenDue(world);
      if (app.underWay === null) this.telling.settle(world, isSettled);
      if (world.newerHubAt === null) this.problem = null;
      else this.complain(newerHubText(world.newerHubAt));
      return null;
    }
    const before = this.underWay;
    const next = applied(app, change, { now: world.now, newJob });
    const moved = movedLines(app, next);
    const stored = () => {
      for (const line of moved) log(line);
      if (!before || !('to' in change)) return;
      if (change.to === 'reverting' || change.to === 'live') this.errands.forgetFailures();
      this.tell(before, change, world);
    };
    return { next, stored };
  }

  /** Says what is wrong, once for as long as it stays so. */
  private complain(problem: string): void {
    if (problem !== this.problem) this.parts.log(`${appName(this.app)}: ${problem}`);
    this.problem = problem;
  }

  /** Slots of a drone that is lost move after a time, though nothing else happens. */
  private lookWhenDue(world: World): void {
    const live = releaseOf(this.app, this.app.underWay ?? this.app.live);
    if (!live) return;
    const context = { app: this.app, world, fileOf: this.parts.fileOf };
    const dueMs = nextMoveMs(this.app, movables(context, live), world.awayMs);
    if (dueMs !== null) this.timer = setTimeout(() => this.look(), Math.max(LOOK_AGAIN_MS, dueMs));
  }

  /** Tells everybody what has ended and what has begun. */
  private tell(before: ReleaseRecord, change: Extract<Change, { to: unknown }>, world: World): void {
    const { telling, errands } = this;
    if (before.state === 'building')
      telling.build(before, world, (drone) => errands.preparations.failedBuild(drone, before.commit));
    if (before.state === 'releasing') telling.job(before, world);
    if (change.failed) telling.failure(change.failed, change.reason ?? '');
    const after = releaseOf(this.app, before.release);
    if (after) telling.release(after, world);
  }
}
