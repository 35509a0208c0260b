import { appName } from '../../protocol/app-names.ts';
import { messageOf } from '../../protocol/errors.ts';
import { type AppRecord, type ReleaseRecord, releaseOf } from './app-record.ts';
import { applied } from './apply.ts';
import { decide } from './decide.ts';
import type { Change, Command } from './decision.ts';
import { Errands } from './errands.ts';
import { newerHubText } from './fenced-orders.ts';
import type { AppParts } from './parts.ts';
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
 * reported something. Everything that it needs to go on after the hub was killed is in the app's record.
 */
export class Conductor {
  readonly errands: Errands;
  readonly telling: Telling;
  private timer: NodeJS.Timeout | undefined;
  private isScheduled = false;
  private isClosed = false;
  /** What kept it from acting the last time. */
  private problem: string | null = null;

  constructor(
    readonly app: AppRecord,
    private readonly parts: AppParts,
  ) {
    this.errands = new Errands(appName(app), parts, () => this.look());
    this.telling = new Telling(app, parts);
  }

  /** The release that is under way. */
  get underWay(): ReleaseRecord | null {
    return releaseOf(this.app, this.app.underWay);
  }

  get world(): World {
    return this.errands.world(this.app);
  }

  /** Decides soon what to do, once for many reports. */
  look(): void {
    if (this.isScheduled || this.isClosed) return;
    this.isScheduled = true;
    setImmediate(() => {
      this.isScheduled = false;
      if (!this.isClosed) this.act();
    });
  }

  /** Records what has become of the app, and goes on from there. Throws EIO; then nothing has changed. */
  change(changes: Partial<AppRecord>): void {
    const next = { ...this.app, ...changes };
    this.parts.store.save(next);
    Object.assign(this.app, next);
    this.look();
  }

  /** Places anew what was on a drone that does not come back. Returns false if nothing was. Throws EIO. */
  forgetDrone(name: string): boolean {
    const left = withoutDrone(this.app, name);
    if (left) this.change(left);
    return left !== null;
  }

  close(): void {
    this.isClosed = true;
    clearTimeout(this.timer);
  }

  private act(): void {
    clearTimeout(this.timer);
    try {
      let world = this.world;
      this.telling.instances(world);
      for (let n = 0; n < MAX_CHANGES; n++) {
        const { fileOf } = this.parts;
        const { change, commands, isSettled } = decide({ app: this.app, world, fileOf });
        if (!change) {
          this.perform(commands);
          this.lookWhenDue(world);
          if (this.app.underWay === null) this.telling.settle(world, isSettled);
          break;
        }
        this.record(change, world);
        world = this.world;
      }
      if (world.newerHubAt !== null) this.complain(newerHubText(world.newerHubAt));
      else this.problem = null;
    } catch (error) {
      this.complain(messageOf(error));
    }
    if (this.app.underWay !== null || this.errands.isBusy || this.telling.isAwaited) {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.look(), LOOK_AGAIN_MS);
    }
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

  private record(change: Change, world: World): void {
    const before = this.underWay;
    const next = applied(this.app, change, { now: world.now, newJob: this.parts.newJob });
    this.parts.store.save(next);
    for (const line of movedLines(this.app, next)) this.parts.log(line);
    Object.assign(this.app, next);
    if (!before || !('to' in change)) return;
    if (change.to === 'reverting' || change.to === 'live') this.errands.forgetFailures();
    this.tell(before, change, world);
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

  private perform(commands: readonly Command[]): void {
    for (const command of commands) {
      switch (command.do) {
        case 'prepare':
          this.errands.prepare(command.drone, command.release);
          break;
        case 'run job':
          this.errands.runJob(command.release);
          break;
        case 'start':
          this.errands.start(command.release, command.service, command.slot);
          break;
        case 'stop':
          this.errands.stop(command.instance, command.service);
          break;
        case 'restart':
          if (this.errands.restart(command.instance, command.service)) this.telling.restart(command.instance);
          break;
      }
    }
  }
}
