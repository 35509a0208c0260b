import { appName } from '../../protocol/app-names.ts';
import { canaryText } from '../../protocol/release-text.ts';
import type { NewEvent } from '../events/event-log.ts';
import { type AppRecord, elapsedMs, type ReleaseRecord, releaseOf } from './app-record.ts';
import { countsOfServices, countsWhile, lostDrones } from './counts.ts';
import { latecomer } from './failure.ts';
import { instanceEvent, type Told } from './instance-event.ts';
import { shownCommand } from './order-specs.ts';
import type { AppParts } from './parts.ts';
import { readTail } from './tail.ts';
import { targetsOf } from './targets.ts';
import type { Instance, World } from './world.ts';

/** Tells everybody who follows events what happens to an app, in the order in which it happens. */
export class Telling {
  /** What was last told of each instance. */
  private readonly told = new Map<string, { state: string; instance: Instance; isOld: boolean }>();
  /** The drones that were connected when it told the last time. */
  private connected: ReadonlySet<string> = new Set();
  private queue: Promise<void> = Promise.resolve();
  private readonly awaited: Awaited[] = [];

  constructor(
    private readonly app: AppRecord,
    private readonly parts: AppParts,
  ) {}

  /**
   * Tells what instances have become since the last time. What a drone brings along when it connects was told before, by
   * this hub or by the one before it, unless it is of the release that is under way; such an old one is checked anew.
   */
  instances({ instances, drones }: World): void {
    const here = new Set<string>();
    for (const instance of instances) {
      const { id, isLeaving } = instance;
      if (id === null) continue;
      here.add(id);
      const state = isLeaving ? 'leaving' : instance.state;
      const before = this.told.get(id) ?? this.toldBefore(id, instance);
      const isNews = this.connected.has(instance.drone) || instance.release === this.app.underWay;
      const isOld = !isNews || (before?.isOld === true && state === 'starting');
      this.told.set(id, { state, instance, isOld });
      const isGoodAgain = before?.isOld === true && instance.isGood && state !== 'leaving';
      if (before?.state !== state && !isOld && !isGoodAgain) this.instance(instance, state, instance.why);
    }
    this.connected = new Set(drones.filter((one) => one.isConnected).map(({ name }) => name));
    for (const [id, { instance, state }] of this.told) {
      const isLost = drones.some(({ name, isConnected }) => name === instance.drone && !isConnected);
      if (here.has(id) || isLost) continue;
      this.told.delete(id);
      if (state === 'leaving') this.instance(instance, 'gone', null);
    }
  }

  /** Returns what the hub that led before has told of an instance. */
  private toldBefore(id: string, instance: Instance) {
    const state = this.parts.states.ofInstance(id);
    return state === null ? undefined : { state, instance, isOld: false };
  }

  /** Tells that an instance is restarted, and why. */
  restart(instance: Instance): void {
    this.instance(instance, 'leaving', instance.restart);
  }

  /** Tells why an instance has failed, with the last lines of its log. */
  failure(instance: Instance, why: string): void {
    const { id, drone } = instance;
    if (id === null) return this.instance(instance, 'failed', why);
    this.later(async () => {
      const tail = await readTail(this.parts.directory, drone, id);
      return instanceEvent(instance, 'failed', why, tail);
    });
  }

  /** Tells what has become of a release. */
  release(
    release: ReleaseRecord,
    world: World,
    notes: string[] = [],
    services: readonly string[] = [],
  ): void {
    const { instances, now } = world;
    const { state, why, by, commit, subject, of } = release;
    const replaced = releaseOf(this.app, release.replaces);
    const event: Told = {
      type: 'release',
      ...{ release: release.release, state, why, by, commit, subject, of, notes },
      replaces: replaced && { release: replaced.release, commit: replaced.commit },
      env: release.change,
      services: countsOfServices(countsWhile(release, this.app, instances, this.parts.fileOf), services),
      lost: lostDrones(release, this.app, world, this.parts.fileOf),
      elapsed: elapsedMs(release, now) / 1000,
    };
    this.later(async () => event);
  }

  /** Tells how the builds of a release have ended, with the last lines of one that has failed. */
  build(
    release: ReleaseRecord,
    { drones, now, prepared }: World,
    logOf: (drone: string) => string | null,
  ): void {
    const targets = targetsOf(this.parts.fileOf(release), drones).filter((one) => one.isConnected);
    const states = targets.map(({ name }) => ({ name, state: prepared(name, release.commit) }));
    const failed = Object.fromEntries(
      states.flatMap(({ name, state }) => (typeof state === 'object' && state ? [[name, state.why]] : [])),
    );
    const [first] = Object.keys(failed);
    const log = first === undefined ? null : logOf(first);
    this.later(async () => ({
      type: 'build',
      release: release.release,
      drones: targets.map(({ name }) => name),
      done: states.filter(({ state }) => state === 'ready').length,
      failed,
      elapsed: elapsedMs(release, now) / 1000,
      tail: log === null ? [] : await readTail(this.parts.directory, first ?? '', log),
    }));
  }

  /** Tells how the release command has ended. */
  job(record: ReleaseRecord, { job }: World): void {
    const { release, job: started } = record;
    const command = this.parts.fileOf(record).deploy.release?.command ?? [];
    if (!started || !job) return;
    const { drone, id } = started;
    const { state, why, elapsedMs } = job;
    this.later(async () => ({
      type: 'job',
      ...{ release, drone, id, state, why, elapsed: elapsedMs / 1000 },
      command: shownCommand(command),
      tail: state === 'ok' ? [] : await readTail(this.parts.directory, drone, id),
    }));
  }

  /** Returns what is said of a release that rests as a canary. */
  canaryText(release: ReleaseRecord, { instances }: World): string {
    const { replaces } = release;
    const before = replaces === null ? null : { release: replaces, commit: '' };
    return canaryText({
      release: release.release,
      replaces: before,
      services: countsWhile(release, this.app, instances, this.parts.fileOf),
    });
  }

  /** Tells what `release` returns once nothing is under way and the app is as it should be, or `withinMs` after that. */
  whenSettled(release: () => ReleaseRecord, withinMs: number, services: readonly string[] = []): void {
    this.awaited.push({ release, services, withinMs, until: null });
  }

  get isAwaited(): boolean {
    return this.awaited.length > 0;
  }

  /** Tells what was waited for, while nothing is under way. `isSettled` if the app is as it should be. */
  settle(world: World, isSettled: boolean): void {
    const now = performance.now();
    for (const one of this.awaited) one.until ??= now + one.withinMs;
    const due = this.awaited.filter(({ until }) => isSettled || now >= (until ?? 0));
    for (const one of due) {
      this.awaited.splice(this.awaited.indexOf(one), 1);
      const why = isSettled ? null : (latecomer(world) ?? 'it takes longer than it should');
      this.release({ ...one.release(), why }, world, [], one.services);
    }
  }

  /** Resolves when everything is told. */
  async settled(): Promise<void> {
    await this.queue;
  }

  private instance(instance: Instance, state: string, why: string | null): void {
    this.later(async () => instanceEvent(instance, state, why, []));
  }

  private later(make: () => Promise<Told>): void {
    this.queue = this.queue.then(async () => {
      const event = { ...(await make()), app: appName(this.app), repo: this.app.repo };
      this.parts.events.add(event as NewEvent);
    });
  }
}

/** A state of a release that is told later. */
interface Awaited {
  release: () => ReleaseRecord;
  /** Those that it is about; all if there are none. */
  services: readonly string[];
  withinMs: number;
  /** By performance.now; null while something is under way. */
  until: number | null;
}
