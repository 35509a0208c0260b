import type { Service } from '../../app-file/types.ts';
import { messageOf } from '../../protocol/errors.ts';
import { ORDER_TIMEOUT_MS } from '../../protocol/limits.ts';
import type { DroneConnection } from '../drones/drone.ts';
import { openedEnvironment } from './app-environment.ts';
import { type AppRecord, numberOf, type ReleaseRecord } from './app-record.ts';
import type { Slot } from './converge.ts';
import { Departures } from './departures.ts';
import { FencedOrders, isLost } from './fenced-orders.ts';
import { instanceKey, type Start } from './instance-key.ts';
import { instancesOf, type Ordered } from './instances.ts';
import { startKey } from './order-marks.ts';
import { instanceOrder, jobOrder, type Ordering, preparationOrder } from './order-specs.ts';
import type { AppParts } from './parts.ts';
import { Preparations } from './preparations.ts';
import type { Instance, World } from './world.ts';

/** After a failure, something is tried again by itself so much later. */
const TRY_AGAIN_AFTER_MS = 10_000;

/** What an app's drones were asked for, and what became of it: none of it has to outlive the hub. */
export class Errands {
  readonly preparations: Preparations;
  readonly departures: Departures;
  private readonly orders: FencedOrders;
  private readonly ordered = new Set<Ordered>();
  private readonly failures = new Map<string, string>();
  /** The job that was asked for, and over which connection: it is asked for again over another one. */
  private jobAsked: { key: string; connection: DroneConnection } | null = null;
  private readonly timers = new Set<NodeJS.Timeout>();

  constructor(
    private readonly app: string,
    private readonly parts: AppParts,
    /** Called when something is done. */
    private readonly done: () => void,
  ) {
    this.orders = new FencedOrders(app, parts.fences, parts.vault);
    this.departures = new Departures(parts, this.orders, (act) => this.later(act), done);
    this.preparations = new Preparations(parts.directory, this.orders, (act) => this.later(act), done);
  }

  /** True while an answer is awaited. */
  get isBusy(): boolean {
    return this.departures.isBusy || this.preparations.isBusy;
  }

  world(app: AppRecord): World {
    const drones = this.parts.directory.all();
    const able = drones.filter(({ connection }) => !connection || connection.features.has('apps'));
    const job = app.releases.find(({ release }) => release === app.underWay)?.job ?? null;
    return {
      drones: able.map(({ name, labels, connection, processes }) => ({
        ...{ name, labels, isConnected: connection !== null, processes: processes.size },
      })),
      instances: instancesOf(this.app, able, [...this.ordered], this.leaving).map((one) =>
        this.departures.isRestarting(one.id) ? { ...one, isGood: false, restart: null } : one,
      ),
      prepared: (drone, commit) => this.preparations.state(drone, commit),
      startFailure: (place) => this.failures.get(placeKey(place)) ?? null,
      job: (job && this.parts.directory.get(job.drone)?.jobs.get(job.key)) ?? null,
      newerHubAt: this.orders.newerAt(able),
      awayMs: (drone) => this.parts.absences.of(drone),
      now: Date.now(),
    };
  }

  /** Those that leave, here or by another hub. */
  private get leaving(): ReadonlySet<string> {
    const { elsewhere } = this.parts.traffic;
    return elsewhere.size === 0 ? this.departures.ids : new Set([...this.departures.ids, ...elsewhere]);
  }

  prepare(drone: string, release: ReleaseRecord): void {
    this.preparations.begin(drone, preparationOrder(this.ordering(release)));
  }

  runJob(release: ReleaseRecord): void {
    const { job } = release;
    const drone = job ? this.parts.directory.get(job.drone) : undefined;
    const { connection } = drone ?? {};
    if (!job || !drone || !connection) return;
    if (this.jobAsked?.key === job.key && this.jobAsked.connection === connection) return;
    const asked = { key: job.key, connection };
    this.jobAsked = asked;
    const order = jobOrder(this.ordering(release), job);
    this.orders
      .call(job.drone, connection, 'job.start', order, { timeout: ORDER_TIMEOUT_MS })
      .then(
        ({ result }) => drone.knowJob(result),
        (error: unknown) => {
          if (isLost(error)) {
            if (this.jobAsked === asked) this.jobAsked = null;
            return;
          }
          const failed = { id: job.id, key: job.key, app: this.app, state: 'failed', elapsedMs: 0 };
          drone.knowJob({ ...failed, why: `could not be started: ${messageOf(error)}` });
        },
      )
      .finally(this.done);
  }

  start(release: ReleaseRecord, service: Service, { slot, drone }: Slot): void {
    const { connection, processes } = this.parts.directory.get(drone) ?? {};
    if (!connection || !processes) return;
    const place = { service: service.name, slot, release: numberOf(release, service.name) };
    const ordered: Ordered = { ...place, id: null, drone, at: performance.now() };
    this.ordered.add(ordered);
    const id = this.parts.ids.reserve();
    const known = new Set([...processes.values()].map(({ report }) => report.key));
    const keyOf = (start: Start) => startKey(this.parts.vault, start);
    const name = { id, key: instanceKey({ app: this.app, ...place }, keyOf, known) };
    const order = instanceOrder(this.ordering(release), service, slot);
    this.orders
      .call(drone, connection, 'spawn', { ...name, ...order }, { timeout: ORDER_TIMEOUT_MS })
      .then(
        ({ result }) => {
          ordered.id = result.id;
        },
        (error: unknown) => {
          this.ordered.delete(ordered);
          if (isLost(error)) return;
          this.failures.set(placeKey(place), messageOf(error));
          this.later(() => this.failures.delete(placeKey(place)));
        },
      )
      .finally(() => {
        this.parts.ids.release(id);
        this.done();
      });
  }

  stop(instance: Instance, service: Service | null): void {
    this.departures.stop(instance, service, (id) => {
      for (const one of this.ordered) if (one.id === id) this.ordered.delete(one);
    });
  }

  /** Restarts an instance in place. Returns false if that is under way, or has failed just now. */
  restart(instance: Instance, service: Service): boolean {
    const restarted = this.departures.restart(instance, service);
    restarted?.catch(() => {});
    return restarted !== null;
  }

  /** Somebody has decided what should be: orders of other hubs, that drones have taken, count no more. Throws ELIMIT. */
  takeOver(): void {
    this.orders.raise(this.parts.directory.all());
  }

  /** What has failed may be tried again: there is another aim now. */
  forgetFailures(): void {
    this.failures.clear();
    this.preparations.forgetFailures();
  }

  close(): void {
    for (const timer of this.timers) clearTimeout(timer);
  }

  /** Throws ECONFIG if the environment cannot be opened. */
  private ordering(release: ReleaseRecord): Ordering {
    const { fileOf, vault } = this.parts;
    return { app: this.app, release, file: fileOf(release), env: openedEnvironment(release.env, vault) };
  }

  private later(act: () => void): void {
    const timer = setTimeout(() => {
      this.timers.delete(timer);
      act();
      this.done();
    }, TRY_AGAIN_AFTER_MS).unref();
    this.timers.add(timer);
  }
}

const placeKey = ({ service, slot, release }: { service: string; slot: number; release: number }) =>
  `${service}.${slot} ${release}`;
