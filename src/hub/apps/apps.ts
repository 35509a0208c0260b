import { setTimeout as sleep } from 'node:timers/promises';
import { appName } from '../../protocol/app-names.ts';
import { FleetError, messageOf } from '../../protocol/errors.ts';
import { type AppRecord, newApp } from './app-record.ts';
import type { StoredApp } from './app-store.ts';
import { busy } from './busy.ts';
import { Conductor } from './conductor.ts';
import { KeptApp } from './kept-app.ts';
import type { Leader } from './leader.ts';
import type { AppParts } from './parts.ts';

/** How often a caller that waits for a release looks again. */
const WAIT_STEP_MS = 200;

/** Which app a call is about. */
export interface Named {
  repo: string;
  stage: string | null;
  /** Returns false once nobody waits for the answer, and nothing shall begin any more. */
  isWanted?(): boolean;
}

/**
 * The apps that a hub knows, each with its conductor. Before `lead`, and after `follow`, another hub decides about them; this
 * one shows them.
 */
export class Apps {
  private readonly conductors = new Map<string, Conductor>();
  private isLeading = false;

  constructor(
    stored: readonly StoredApp[],
    private readonly parts: AppParts,
    /** Resolves when the hub knows its drones: nothing is done before. */
    readonly ready: Promise<void>,
  ) {
    for (const one of stored) this.add(one);
    void ready.then(() => {
      for (const change of ['joined', 'lost', 'forgotten', 'labelled', 'reported'] as const)
        parts.directory.on(change, () => this.lookAtAll());
      parts.directory.on('forgotten', ({ name }) => {
        if (this.isLeading) this.forgetDrone(name).catch((error) => parts.log(messageOf(error)));
      });
      this.lookAtAll();
    });
  }

  /** From now on this hub decides, by what it knows of apps: see {@link FollowedApps.confirm}. */
  lead(): void {
    this.isLeading = true;
    for (const { kept } of this.conductors.values()) this.conduct(kept);
    void this.ready.then(() => this.lookAtAll());
  }

  /** Another hub decides: what this one has begun is left to that. */
  follow(): void {
    this.isLeading = false;
    for (const conductor of this.conductors.values()) {
      conductor.close();
      this.conduct(conductor.kept);
    }
  }

  /** Reads what another hub may have stored of an app. Throws ECONFIG, EIO, ECLUSTER. */
  async reread(name: string): Promise<void> {
    const known = this.conductors.get(name);
    if (known) {
      await known.kept.reread();
      if (known.isStored || this.isLeading) this.conductors.get(name)?.look();
      else if (this.conductors.delete(name)) this.parts.changed(name);
      return;
    }
    const stored = await this.parts.store.get(name);
    if (!stored || this.conductors.has(name)) return;
    this.add(stored).look();
    this.parts.changed(name);
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
    return new Conductor(this.keep(nothingStored(record)), this.parts);
  }

  private lookAtAll(): void {
    for (const conductor of this.conductors.values()) conductor.look();
  }

  private add(stored: StoredApp): Conductor {
    return this.conduct(this.keep(stored));
  }

  private keep(stored: StoredApp): KeptApp {
    const { store, changed } = this.parts;
    return new KeptApp(stored, store, () => changed(appName(stored.app)));
  }

  /** Makes a conductor of an app anew: what the one before has done and seen counts no more. */
  private conduct(kept: KeptApp): Conductor {
    const conductor = new Conductor(kept, this.parts);
    if (this.isLeading) conductor.lead();
    this.conductors.set(appName(kept.app), conductor);
    return conductor;
  }
}

/** What serves the calls about apps. */
export interface AppService {
  apps: Apps;
  leader: Leader;
  parts: AppParts;
}

function nothingStored(app: AppRecord): StoredApp {
  return { app, revision: 0 };
}
