import { parseAppFile } from '../../../src/app-file/app-file.ts';
import type { AppFile } from '../../../src/app-file/types.ts';
import {
  type AppRecord,
  NO_CHANGE,
  newApp,
  numberOf,
  type ReleaseRecord,
} from '../../../src/hub/apps/app-record.ts';
import { applied, withNewRelease } from '../../../src/hub/apps/apply.ts';
import { decide } from '../../../src/hub/apps/decide.ts';
import type { Change, Command } from '../../../src/hub/apps/decision.ts';
import type { Instance, Prepared, World } from '../../../src/hub/apps/world.ts';

/** An app, its drones and instances, without time: everything that happens is a step that the test chooses. */
export class SimulatedApp {
  app: AppRecord = newApp('webapp', null);
  instances: Instance[] = [];
  readonly drones: { name: string; isConnected: boolean; labels: Record<string, string> }[];
  /** Changes, in order. */
  readonly changes: Change[] = [];
  /** How long drones have been away. */
  readonly away = new Map<string, number>();
  private readonly prepared = new Map<string, Prepared>();
  private pending: (() => void)[] = [];
  private ids = 0;

  constructor(drones: number) {
    this.drones = Array.from({ length: drones }, (_, n) => ({
      name: `d${n}`,
      isConnected: true,
      labels: {},
    }));
  }

  get world(): World {
    const connected = new Set(this.drones.filter((one) => one.isConnected).map(({ name }) => name));
    return {
      drones: this.drones.map((one) => ({
        ...one,
        processes: this.instances.filter(({ drone }) => drone === one.name).length,
      })),
      instances: this.instances.filter(({ drone }) => connected.has(drone)),
      prepared: (drone, commit) => this.prepared.get(`${drone} ${commit}`) ?? null,
      startFailure: () => null,
      job: null,
      newerHubAt: null,
      awayMs: (drone) => this.away.get(drone) ?? 0,
      now: 0,
    };
  }

  /** Begins a release of what is live that replaces the instances of one service alone. */
  restart(service: string): void {
    const live = this.app.releases.find(({ release }) => release === this.app.live);
    if (!live) throw new Error('nothing is live');
    const others = fileOf(live).services.filter(({ name }) => name !== service);
    const keeps = Object.fromEntries(others.map(({ name }) => [name, numberOf(live, name)]));
    const release = this.app.last + 1;
    const again: ReleaseRecord = {
      ...live,
      release,
      keeps,
      state: 'building',
      replaces: this.app.live,
      of: 1,
    };
    this.app = withNewRelease(this.app, again);
  }

  /** Begins a release whose instances all get good, or all exit. */
  up(toml: string, fate: 'good' | 'bad'): void {
    const release = this.app.last + 1;
    const record: ReleaseRecord = {
      ...{ release, commit: `${fate}${release}`, subject: '', stage: null, toml, procfile: null, env: {} },
      ...{
        change: NO_CHANGE,
        time: 0,
        liveAt: null,
        restsSince: null,
        restedMs: 0,
        by: '',
        state: 'building',
        why: null,
        of: null,
      },
      ...{ canary: null, rebuild: false, strict: false, replaces: this.app.live, isCancelled: false },
      ...{ keeps: {}, job: null, seq: 0 },
    };
    this.app = withNewRelease(this.app, record);
  }

  /** Decides, records, and begins what is to be done; what was begun is finished by `finish`. Returns the commands. */
  look(): Command[] {
    for (let n = 0; n < 100; n++) {
      const { change, commands } = decide({ app: this.app, world: this.world, fileOf });
      if (!change) {
        for (const command of commands) this.begin(command);
        return commands;
      }
      this.changes.push(change);
      this.app = applied(this.app, change, { now: 0, newJob: () => ({ key: '', id: '' }) });
    }
    throw new Error(`does not come to an end: ${JSON.stringify(this.changes.slice(-3))}`);
  }

  get hasPending(): boolean {
    return this.pending.length > 0;
  }

  /** Finishes one of the things that were begun. */
  finish(n: number): void {
    const [act] = this.pending.splice(n % this.pending.length, 1);
    act?.();
  }

  /** Goes on until nothing is left to do. Returns how many steps that took. */
  settle(choose: (step: number) => number, each: () => void): number {
    for (let step = 0; step < 2_000; step++) {
      this.look();
      each();
      if (!this.hasPending) return step;
      this.finish(choose(step));
    }
    throw new Error('does not settle');
  }

  private begin(command: Command): void {
    switch (command.do) {
      case 'prepare': {
        const key = `${command.drone} ${command.release.commit}`;
        this.prepared.set(key, 'under way');
        this.pending.push(() => this.prepared.set(key, 'ready'));
        return;
      }
      case 'start': {
        const instance: Instance = {
          ...{ id: `i${++this.ids}`, service: command.service.name, ...command.slot },
          ...{ release: command.release.release, port: null, state: 'starting', why: null },
          ...{ restart: null, exit: null, ageMs: 0, isGood: false, isLeaving: false },
        };
        this.instances.push(instance);
        this.pending.push(() => {
          if (command.release.commit.startsWith('good')) instance.isGood = true;
          else instance.exit = 'exited with code 1';
        });
        return;
      }
      case 'stop': {
        const { instance } = command;
        instance.isLeaving = true;
        instance.isGood = false;
        this.pending.push(() => {
          this.instances = this.instances.filter((one) => one !== instance);
        });
        return;
      }
      default:
        return;
    }
  }
}

const files = new Map<string | null, AppFile>();

export function fileOf({ toml }: Pick<ReleaseRecord, 'toml'>): AppFile {
  const file = files.get(toml) ?? parseAppFile({ toml, procfile: null, stage: null });
  files.set(toml, file);
  return file;
}
