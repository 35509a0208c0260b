import { setTimeout as sleep } from 'node:timers/promises';
import { appName } from '../../protocol/app-names.ts';
import type { ClientAnswers } from '../../protocol/client-calls.ts';
import { FleetError } from '../../protocol/errors.ts';
import { openedEnvironment } from './app-environment.ts';
import { type AppRecord, newApp, type ReleaseRecord } from './app-record.ts';
import { withNewRelease } from './apply.ts';
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

/** What a new release is made of. */
export type Wanted = Pick<
  ReleaseRecord,
  | 'commit'
  | 'subject'
  | 'stage'
  | 'toml'
  | 'procfile'
  | 'env'
  | 'change'
  | 'by'
  | 'of'
  | 'canary'
  | 'rebuild'
  | 'strict'
> &
  Partial<Pick<ReleaseRecord, 'keeps'>>;

/** The apps of a hub, each with its conductor. */
export class Apps {
  private readonly conductors = new Map<string, Conductor>();

  constructor(
    records: readonly AppRecord[],
    private readonly parts: AppParts,
    /** Resolves when the hub knows its drones: nothing is done before. */
    readonly ready: Promise<void>,
  ) {
    for (const record of records) this.add(record);
    const lookAtAll = () => {
      for (const conductor of this.conductors.values()) conductor.look();
    };
    void ready.then(() => {
      for (const change of ['joined', 'lost', 'forgotten', 'labelled', 'reported'] as const)
        parts.directory.on(change, lookAtAll);
      parts.directory.on('forgotten', ({ name }) => this.forgetDrone(name));
      lookAtAll();
    });
  }

  find(named: Named): Conductor | undefined {
    return this.byName(appName(named));
  }

  byName(app: string): Conductor | undefined {
    return this.conductors.get(app);
  }

  /** Throws ENORELEASE if there is no such app. */
  get(named: Named): Conductor {
    const conductor = this.find(named);
    if (conductor) return conductor;
    const known = [...this.conductors.keys()].sort().join(', ');
    const others = known === '' ? '' : ` (there are: ${known})`;
    throw new FleetError('EUSAGE', `there is no app ${appName(named)} yet; fleet up releases it${others}`);
  }

  /**
   * Returns an app, which is new if there is none yet, once nothing of it is under way. Throws EBUSY after `waitMs`, ECLOSED
   * if it is not wanted any more.
   */
  async take(named: Named, waitMs: number): Promise<Conductor> {
    await this.ready;
    const conductor = this.find(named) ?? this.add(newApp(named.repo, named.stage));
    const until = performance.now() + waitMs;
    while (conductor.underWay) {
      if (performance.now() >= until) throw busy(conductor, conductor.underWay);
      await sleep(WAIT_STEP_MS);
      if (named.isWanted?.() === false) throw new FleetError('ECLOSED', 'nobody waits for it any more');
    }
    return conductor;
  }

  all(): AppRecord[] {
    return [...this.conductors.values()].map((one) => one.app);
  }

  others(app: AppRecord): AppRecord[] {
    return this.all().filter((one) => one !== app);
  }

  /** Begins a new release of an app. Throws ECONFIG if its environment cannot be opened, EIO. */
  begin(conductor: Conductor, wanted: Wanted): Begun {
    const { app } = conductor;
    // If it cannot be opened, no drone could be sent it, and the release would have no end.
    openedEnvironment(wanted.env, this.parts.vault);
    conductor.errands.takeOver();
    const seen = conductor.world.instances.map(({ release }) => release);
    const seq = this.parts.lastEvent();
    const release: ReleaseRecord = {
      keeps: {},
      ...wanted,
      release: Math.max(app.last, ...seen) + 1,
      state: 'building',
      ...{ time: Date.now(), liveAt: null, why: null, isCancelled: false, job: null, seq },
      replaces: app.live,
    };
    conductor.errands.forgetFailures();
    const notes = beginNotes(app, release, this.parts.fileOf(release), conductor.world);
    conductor.change(withNewRelease(app, release));
    conductor.telling.release(release, conductor.world, notes);
    return { app: appName(app), release: release.release, seq };
  }

  /** Places anew what was on a drone that does not come back. Returns false if nothing was. Throws EIO. */
  forgetDrone(name: string): boolean {
    const moved = [...this.conductors.values()].filter((one) => one.forgetDrone(name));
    return moved.length > 0;
  }

  /** Forgets an app of which nothing runs. Throws EIO. */
  async remove(conductor: Conductor): Promise<void> {
    conductor.close();
    await conductor.telling.settled();
    this.conductors.delete(appName(conductor.app));
    this.parts.store.remove(conductor.app);
  }

  /** Leaves everything to the next hub. */
  async close(): Promise<void> {
    const all = [...this.conductors.values()];
    for (const conductor of all) conductor.close();
    await Promise.all(all.map((one) => one.telling.settled()));
  }

  /** Returns the conductor of an app of which nothing is kept. */
  unstarted(record: AppRecord): Conductor {
    return new Conductor(record, this.parts);
  }

  private add(record: AppRecord): Conductor {
    const conductor = new Conductor(record, this.parts);
    this.conductors.set(appName(record), conductor);
    return conductor;
  }
}

/** Returns the error for what has to wait for a release. */
export function busy({ app, telling, world }: Conductor, underWay: ReleaseRecord): FleetError {
  const { release, by, time, state } = underWay;
  const name = `v${release} of ${appName(app)}`;
  if (state === 'canary') return new FleetError('EBUSY', telling.canaryText(underWay, world));
  const seconds = Math.round((Date.now() - time) / 1000);
  return new FleetError('EBUSY', `${name} is under way (${by}, ${seconds}s); wait for it with --wait=15m`);
}

/** What serves the calls about apps. */
export interface AppService {
  apps: Apps;
  parts: AppParts;
}
