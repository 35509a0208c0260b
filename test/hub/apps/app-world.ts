import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseAppFile } from '../../../src/app-file/app-file.ts';
import { Fences } from '../../../src/drone/fences.ts';
import { AppStore } from '../../../src/hub/apps/app-store.ts';
import { type AppService, Apps } from '../../../src/hub/apps/apps.ts';
import { ALONE } from '../../../src/hub/apps/leader.ts';
import { fileCache } from '../../../src/hub/apps/make-apps.ts';
import type { AppParts } from '../../../src/hub/apps/parts.ts';
import type { Source } from '../../../src/hub/apps/source.ts';
import { Vault } from '../../../src/hub/apps/vault.ts';
import { Absences } from '../../../src/hub/drones/absences.ts';
import { DroneDirectory } from '../../../src/hub/drones/directory.ts';
import type { KnownDrone } from '../../../src/hub/drones/known-drone.ts';
import { EventLog } from '../../../src/hub/events/event-log.ts';
import { EventNumbers } from '../../../src/hub/events/event-numbers.ts';
import { ProcessIds } from '../../../src/hub/process-ids.ts';
import { StartCount } from '../../../src/hub/start-count.ts';
import { FileStore } from '../../../src/hub/store/file-store.ts';
import type { AppEvent } from '../../../src/protocol/apps.ts';
import { type ErrorCode, FleetError } from '../../../src/protocol/errors.ts';
import type { OrderFence } from '../../../src/protocol/fence.ts';
import type { JobReport } from '../../../src/protocol/instance.ts';
import type { ProcessReport, ProcessSpec } from '../../../src/protocol/process.ts';
import { FakeConnection } from '../../fixtures/fake-connection.ts';

/** A drone that outlives hubs: what it was told to run gets ready at once, or exits if its commit is bad. */
class AppDrone {
  readonly identity = randomBytes(16).toString('hex');
  readonly processes = new Map<string, ProcessReport>();
  readonly jobs = new Map<string, JobReport>();
  /** How often each job was run. */
  readonly runs = new Map<string, number>();
  /** Ids of instances that were restarted in place, in order. */
  readonly restarted: string[] = [];
  /** Ids of instances that are given up after that. */
  readonly broken = new Set<string>();
  /** With what it refuses every order, if it does. */
  refusal: ErrorCode | null = null;
  /** How many it has not taken. */
  refused = 0;
  private known: KnownDrone | null = null;
  private directory: DroneDirectory | null = null;

  constructor(
    readonly name: string,
    private readonly isBad: (commit: string) => boolean,
    private readonly fences: Fences,
  ) {}

  join(directory: DroneDirectory): void {
    const connection = new FakeConnection();
    connection.answer = (method, params) =>
      this.known?.connection === connection ? this.obey(method, params) : null;
    this.directory = directory;
    const jobs = [...this.jobs.values()];
    this.known = directory.join(connection, {
      ...{ identity: this.identity, name: this.name, processes: [...this.processes.values()], jobs },
      fences: this.fences.highest(),
    });
  }

  /** It is lost, and runs on. */
  leave(): void {
    if (this.known) this.directory?.lose(this.known, new FleetError('ECLOSED', 'lost'));
  }

  private obey(method: string, params: Record<string, unknown>): unknown {
    if (this.refusal) {
      this.refused++;
      throw new FleetError(this.refusal, 'no');
    }
    this.fences.admit(params['fence'] as OrderFence);
    if (method === 'prepare') return { job: null, why: null };
    if (method === 'job.start') return this.runJob(params as unknown as JobReport);
    if (method === 'spawn') return this.spawn(params as unknown as ProcessSpec);
    if (method === 'restart') return this.restart((params['ids'] as string[]) ?? []);
    if (method === 'stop') return this.stop((params['ids'] as string[]) ?? []);
    return null;
  }

  private runJob({ id, key, app }: JobReport): JobReport {
    this.runs.set(key, (this.runs.get(key) ?? 0) + (this.jobs.has(key) ? 0 : 1));
    const report = { id, key, app, state: 'ok', why: null, elapsedMs: 5 };
    this.jobs.set(key, report);
    return report;
  }

  private spawn({ id, key, repo, commit, command, instance }: ProcessSpec): { id: string } {
    const { app = '', service = '', slot = 1, release = 1 } = instance ?? {};
    const isBad = this.isBad(commit);
    const report: ProcessReport = {
      ...{ id, key, repo, commit, command, restarts: 0, uptime: 0, respawnIn: isBad ? 1000 : 0 },
      ...{ status: isBad ? 'respawning' : 'running', pid: isBad ? null : 1 },
      lastExit: isBad ? { code: 1, signal: null } : null,
      instance: { app, service, slot, release, port: 20_000, state: isBad ? 'starting' : 'ready', why: null },
    };
    this.processes.set(id, report);
    this.known?.know(report);
    this.tell(() => {});
    return { id };
  }

  private stop(ids: string[]): { stopped: string[]; killed: string[]; errors: Record<string, never> } {
    for (const id of ids) {
      this.processes.delete(id);
      this.tell((drone) => drone.forget(id));
    }
    return { stopped: ids, killed: [], errors: {} };
  }

  /** They are ready again a moment later; those in `broken` are given up. */
  private restart(ids: string[]): { stopped: string[]; killed: string[]; errors: Record<string, never> } {
    for (const id of ids) {
      this.restarted.push(id);
      this.become(id, 'starting');
      const state = this.broken.has(id) ? 'given-up' : 'ready';
      setImmediate(() => setImmediate(() => this.become(id, state)));
    }
    return { stopped: ids, killed: [], errors: {} };
  }

  private become(id: string, state: string): void {
    const report = this.processes.get(id);
    if (!report?.instance) return;
    const next = { ...report, instance: { ...report.instance, state } };
    this.processes.set(id, next);
    this.known?.know(next);
    this.tell(() => {});
  }

  private tell(change: (drone: KnownDrone) => void): void {
    const { known, directory } = this;
    setImmediate(() => {
      if (!known || known !== this.known) return;
      change(known);
      directory?.emit('reported', known);
    });
  }
}

/** Drones and the directory of a hub, which is killed and started again. */
export class AppWorld {
  readonly drones: AppDrone[];
  /** The events of all hubs, in order. */
  readonly events: AppEvent[] = [];
  /** What all hubs have printed. */
  readonly printed: string[] = [];
  service: AppService | null = null;
  /** Records that a hub may write until it is killed. */
  savesLeft = Number.POSITIVE_INFINITY;
  /** What each record waits for before it is stored. */
  beforeSave: () => Promise<void> = async () => {};
  /** Open while drones are on their way from another hub. */
  rejoining = { isOpen: false };
  private eventsBefore = 0;

  constructor(
    private readonly dir: string,
    private readonly sources: Record<string, string>,
    drones: number,
    isBad: (commit: string) => boolean = (commit) => commit.startsWith('bad'),
  ) {
    const drone = (name: string) => {
      const folder = join(dir, name);
      mkdirSync(folder);
      return new AppDrone(name, isBad, new Fences(folder, () => {}));
    };
    this.drones = Array.from({ length: drones }, (_, n) => drone(`web${n + 1}`));
  }

  /** Starts a hub, which all drones join, in a directory. The one before, if there was one, counts as killed. */
  async startHub(dir = this.dir): Promise<AppService> {
    const killed = this.service?.apps;
    void killed?.close();
    const fences = new StartCount(dir, (line) => this.printed.push(line));
    const { apps, parts, leader } = await this.join(new FileStore(dir, () => {}), (events) => ({
      fences,
      events,
    }));
    apps.lead();
    this.service = { apps, parts, leader };
    return this.service;
  }

  /** Returns a directory that all drones have joined. */
  directory(): DroneDirectory {
    const directory = new DroneDirectory();
    for (const drone of this.drones) drone.join(directory);
    return directory;
  }

  /** Adds a hub beside others: it does not lead yet. */
  async join(
    shared: FileStore,
    leading: (events: EventLog) => Pick<AppParts, 'fences' | 'events'>,
    directory = this.directory(),
  ): Promise<AppService & { records: AppStore; events: EventLog }> {
    const numbers = new EventNumbers(this.eventsBefore, () => {});
    const events = new EventLog(numbers);
    events.on('event', (event) => {
      this.eventsBefore = event.seq;
      this.events.push(event as unknown as AppEvent);
    });
    const records = new AppStore(shared, () => {});
    const store: AppParts['store'] = {
      get: (name) => records.get(name),
      save: async (app, revision) => {
        if (this.savesLeft-- <= 0) throw new Error('the hub is dead');
        await this.beforeSave();
        return records.save(app, revision);
      },
      remove: (app, revision) => records.remove(app, revision),
    };
    const ids = new ProcessIds(directory, { has: () => false });
    const parts: AppParts = {
      states: events.states,
      ...leading(events),
      ...{ store, directory, ids, vault: new Vault(this.dir), absences: new Absences(directory) },
      rejoining: this.rejoining,
      changed: () => {},
      log: (line: string) => this.printed.push(line),
      traffic: {
        leave: async () => {},
        left: () => {},
        settled: async () => {},
        isUnreached: () => false,
        elsewhere: new Set(),
      },
      newJob: () => ({ id: ids.reserve(), key: randomBytes(16).toString('hex') }),
      newestDeployed: () => null,
      lastEvent: () => events.last,
      fileOf: fileCache(),
      source: {
        read: async (_repo: string, commit: string, stage: string | null) => this.read(commit, stage),
        readUnchecked: async (_repo: string, commit: string, stage: string | null) =>
          this.read(commit, stage),
        mustBeSigned: async () => {},
      },
    };
    return {
      apps: new Apps(await records.load(), parts, Promise.resolve()),
      parts,
      leader: ALONE,
      records,
      events,
    };
  }

  private read(commit: string, stage: string | null): Source {
    const toml = this.sources[commit] ?? null;
    parseAppFile({ toml, procfile: null, stage });
    return { subject: commit, stage, toml, procfile: null };
  }

  /** What runs, as `SERVICE.SLOT vRELEASE`. */
  get running(): string[] {
    return this.drones
      .flatMap(({ processes }) => [...processes.values()])
      .map(({ instance }) => `${instance?.service}.${instance?.slot} v${instance?.release}`)
      .sort();
  }
}
