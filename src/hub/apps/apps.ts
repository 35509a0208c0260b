import { setTimeout as sleep } from 'node:timers/promises';
import { appName } from '../../protocol/app-names.ts';
import type { ClientAnswers } from '../../protocol/client-calls.ts';
import { FleetError, messageOf } from '../../protocol/errors.ts';
import { openedEnvironment } from './app-environment.ts';
import { type AppRecord, elapsedMs, newApp, type ReleaseRecord } from './app-record.ts';
import type { StoredApp } from './app-store.ts';
import { newRelease, type Wanted, withNewRelease } from './apply.ts';
import { beginNotes } from './begin-notes.ts';
import { Conductor } from './conductor.ts';
import type { AppParts } from './parts.ts';

/** How often a caller that waits for a release looks again. */
const WAIT_STEP_MS = 200;

/** What a call answers that has begun something. */
export type Begun = ClientAnswers['app.rollback'];

/** Which app a call is about. */
export interface Named {
  repo: string;
  stage: string | null;
  /** Returns false once nobody waits for the answer, and nothing shall begin any more. */
  isWanted?(): boolean;
}

/** The apps of a hub, each with its conductor. */
export class Apps {
  private readonly conductors = new Map<string, Conductor>();

  constructor(
    stored: readonly StoredApp[],
    private readonly parts: AppParts,
    /** Resolves when the hub knows its drones: nothing is done before. */
    readonly ready: Promise<void>,
  ) {
    for (const one of stored) this.add(one);
    const lookAtAll = () => {
      for (const conductor of this.conductors.values()) conductor.look();
    };
    void ready.then(() => {
      for (const change of ['joined', 'lost', 'forgotten', 'labelled', 'reported'] as const)
        parts.directory.on(change, lookAtAll);
      parts.directory.on('forgotten', ({ name }) => {
        this.forgetDrone(name).catch((error) => parts.log(messageOf(error)));
      });
      lookAtAll();
    });
  }

  /** Returns an app that there is: of one that was only asked for, nothing is stored. */
  find(named: Named): Conductor | undefined {
    return this.byName(appName(named));
  }

  byName(app: string): Conductor | undefined {
    const conductor = this.conductors.get(app);
    return conductor?.isStored ? conductor : undefined;
  }

  /** Throws ENORELEASE if there is no such app. */
  get(named: Named): Conductor {
    const conductor = this.find(named);
    if (conductor) return conductor;
    const known = this.all().map(appName).sort().join(', ');
    const others = known === '' ? '' : ` (there are: ${known})`;
    throw new FleetError(
      'ENORELEASE',
      `there is no app ${appName(named)} yet; fleet up releases it${others}`,
    );
  }

  /**
   * Returns an app, which is new if there is none yet, once nothing of it is under way. Throws EBUSY after `waitMs`, ECLOSED
   * if it is not wanted any more.
   */
  async take(named: Named, waitMs: number): Promise<Conductor> {
    await this.ready;
    const asked = this.conductors.get(appName(named));
    const conductor = asked ?? this.add(nothingStored(newApp(named.repo, named.stage)));
    const until = performance.now() + waitMs;
    while (conductor.underWay) {
      if (performance.now() >= until) throw busy(conductor, conductor.underWay);
      await sleep(WAIT_STEP_MS);
      if (named.isWanted?.() === false) throw new FleetError('ECLOSED', 'nobody waits for it any more');
    }
    return conductor;
  }

  all(): AppRecord[] {
    return [...this.conductors.values()].filter(({ isStored }) => isStored).map(({ app }) => app);
  }

  others(app: AppRecord): AppRecord[] {
    return this.all().filter((one) => one !== app);
  }

  /**
   * Begins a new release of an app, of what `make` returns for its record. Throws EBUSY if one is under way, ECONFIG if its
   * environment cannot be opened, EIO.
   */
  async begin(conductor: Conductor, make: (app: AppRecord) => Wanted): Promise<Begun> {
    const { errands, telling } = conductor;
    const { fileOf, vault, lastEvent } = this.parts;
    errands.forgetFailures();
    const { release, seq } = await conductor.change((app) => {
      const { world, underWay } = conductor;
      if (underWay) throw busy(conductor, underWay);
      const wanted = make(app);
      // If it cannot be opened, no drone could be sent it, and the release would have no end.
      openedEnvironment(wanted.env, vault);
      errands.takeOver();
      const seq = lastEvent();
      const seen = world.instances.map((one) => one.release);
      const release = newRelease(app, wanted, { now: world.now, seq, seen });
      const notes = beginNotes(app, release, fileOf(release), world);
      const stored = () => telling.release(release, world, notes);
      return { next: withNewRelease(app, release), stored, release: release.release, seq };
    });
    return { app: appName(conductor.app), release, seq };
  }

  /** Places anew what was on a drone that does not come back. Returns false if nothing was. Throws EIO. */
  async forgetDrone(name: string): Promise<boolean> {
    const moved = await Promise.all([...this.conductors.values()].map((one) => one.forgetDrone(name)));
    return moved.includes(true);
  }

  /** Forgets an app of which nothing runs. Throws EIO. */
  async remove(conductor: Conductor): Promise<void> {
    conductor.close();
    await conductor.settled();
    try {
      await conductor.kept.remove();
    } catch (error) {
      this.add(conductor.kept.stored);
      throw error;
    }
    this.conductors.delete(appName(conductor.app));
    this.parts.changed(appName(conductor.app));
  }

  /** Leaves everything to the next hub. */
  async close(): Promise<void> {
    const all = [...this.conductors.values()];
    for (const conductor of all) conductor.close();
    await Promise.all(all.map((one) => one.settled()));
  }

  /** Returns the conductor of an app of which nothing is kept. */
  unstarted(record: AppRecord): Conductor {
    return new Conductor(nothingStored(record), this.parts);
  }

  private add(stored: StoredApp): Conductor {
    const conductor = new Conductor(stored, this.parts);
    this.conductors.set(appName(stored.app), conductor);
    return conductor;
  }
}

/** Returns the error for what has to wait for a release. */
export function busy({ app, telling, world }: Conductor, underWay: ReleaseRecord): FleetError {
  const { release, by, state } = underWay;
  const name = `v${release} of ${appName(app)}`;
  if (state === 'canary') return new FleetError('EBUSY', telling.canaryText(underWay, world));
  const seconds = Math.round(elapsedMs(underWay, Date.now()) / 1000);
  return new FleetError('EBUSY', `${name} is under way (${by}, ${seconds}s); wait for it with --wait=15m`);
}

/** What serves the calls about apps. */
export interface AppService {
  apps: Apps;
  parts: AppParts;
}

function nothingStored(app: AppRecord): StoredApp {
  return { app, revision: 0 };
}
