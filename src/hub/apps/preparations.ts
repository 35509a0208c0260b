import { messageOf } from '../../protocol/errors.ts';
import type { Preparation } from '../../protocol/instance.ts';
import { ORDER_TIMEOUT_MS } from '../../protocol/limits.ts';
import type { DroneDirectory } from '../drones/directory.ts';
import type { DroneConnection } from '../drones/drone.ts';
import { type FencedOrders, isLost } from './fenced-orders.ts';
import type { Prepared } from './world.ts';

interface Preparing {
  /** A drone that has connected again is asked again. */
  connection: DroneConnection;
  state: Prepared;
  /** The log of a build that has failed. */
  job: string | null;
}

/** How far drones are with the commits of an app: checked out, linked and built. */
export class Preparations {
  private readonly all = new Map<string, Preparing>();

  constructor(
    private readonly directory: DroneDirectory,
    private readonly orders: Pick<FencedOrders, 'call'>,
    /** Calls this when something that has failed may be tried again. */
    private readonly later: (act: () => void) => void,
    /** Called when a drone has answered. */
    private readonly done: () => void,
  ) {}

  get isBusy(): boolean {
    return [...this.all.values()].some(({ state }) => state === 'under way');
  }

  state(drone: string, commit: string): Prepared {
    return this.of(drone, commit)?.state ?? null;
  }

  /** The log of the build that has failed on a drone. */
  failedBuild(drone: string, commit: string): string | null {
    return this.of(drone, commit)?.job ?? null;
  }

  /** Asks a drone, unless it has been asked already. */
  begin(drone: string, order: Preparation): void {
    const { connection } = this.directory.get(drone) ?? {};
    if (!connection || this.state(drone, order.commit) === 'under way') return;
    const entry: Preparing = { connection, state: 'under way', job: null };
    const key = keyOf(drone, order.commit);
    this.all.set(key, entry);
    const forget = () => {
      if (this.all.get(key) === entry) this.all.delete(key);
    };
    const timeout = ORDER_TIMEOUT_MS + order.buildTimeoutMs;
    this.orders
      .call(drone, connection, 'prepare', order, { timeout })
      .then(
        ({ result: { job, why } }) => {
          entry.job = why === null ? null : job;
          entry.state = why === null ? 'ready' : { why };
        },
        (error: unknown) => {
          // A drone that was lost meanwhile is asked again when it is back.
          if (isLost(error)) forget();
          else entry.state = { why: messageOf(error) };
        },
      )
      .finally(() => {
        if (typeof entry.state === 'object') this.later(forget);
        this.done();
      });
  }

  forgetFailures(): void {
    for (const [key, { state }] of this.all) if (typeof state === 'object') this.all.delete(key);
  }

  private of(drone: string, commit: string): Preparing | undefined {
    const entry = this.all.get(keyOf(drone, commit));
    return entry?.connection === this.directory.get(drone)?.connection ? entry : undefined;
  }
}

const keyOf = (drone: string, commit: string) => `${drone} ${commit}`;
