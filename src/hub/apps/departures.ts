import type { Service } from '../../app-file/types.ts';
import { DEFAULT_GRACE_MS } from '../../protocol/limits.ts';
import type { OrderAnswers } from '../../protocol/orders.ts';
import { type FencedOrders, isLost } from './fenced-orders.ts';
import type { AppParts } from './parts.ts';
import type { Instance } from './world.ts';

/** How long a drone may take, beyond the grace period, to stop an instance. */
const STOP_TIMEOUT_MS = 20_000;
/** For an instance of a service that no file has any more. */
const DEFAULT_DRAIN_MS = 10_000;

/** What a drone has stopped. */
export type Stopped = OrderAnswers['stop'];

/** How an instance leaves: what its service says. */
export type LeavingService = Pick<Service, 'stop' | 'drainMs'>;

/** Stops and restarts instances of an app: each leaves the traffic first. */
export class Departures {
  private readonly leaving = new Set<string>();
  private readonly restarting = new Set<string>();

  constructor(
    private readonly parts: Pick<AppParts, 'directory' | 'traffic'>,
    private readonly orders: Pick<FencedOrders, 'call'>,
    /** Calls this when something that has failed may be tried again. */
    private readonly later: (act: () => void) => void,
    /** Called when something is done. */
    private readonly done: () => void,
  ) {}

  get ids(): ReadonlySet<string> {
    return this.leaving;
  }

  get isBusy(): boolean {
    return this.leaving.size > 0;
  }

  isRestarting(id: string | null): boolean {
    return id !== null && this.restarting.has(id);
  }

  /** Stops an instance, unless that is under way. Calls `gone` when its drone has answered. */
  stop(instance: Instance, service: LeavingService | null, gone: (id: string) => void): void {
    const { id } = instance;
    if (id === null || this.leaving.has(id)) return;
    void this.end('stop', this.leaving, instance, service, service?.stop.graceMs ?? DEFAULT_GRACE_MS)?.then(
      () => gone(id),
      () => {},
    );
  }

  /**
   * Restarts an instance in place. Returns null if that is under way, or has failed just now; the promise rejects if its
   * drone does not answer.
   */
  restart(
    instance: Instance,
    service: LeavingService | null,
    grace = service?.stop.graceMs ?? DEFAULT_GRACE_MS,
  ): Promise<Stopped> | null {
    return this.end('restart', this.restarting, instance, service, grace);
  }

  private end(
    how: 'stop' | 'restart',
    underWay: Set<string>,
    { id, drone }: Instance,
    service: LeavingService | null,
    grace: number,
  ): Promise<Stopped> | null {
    const { directory, traffic } = this.parts;
    const { connection } = directory.get(drone) ?? {};
    if (id === null || !connection || underWay.has(id)) return null;
    underWay.add(id);
    const drainMs = service?.drainMs ?? DEFAULT_DRAIN_MS;
    return traffic
      .leave({ drone, id }, { waitMs: service?.stop.waitMs ?? 0, drainMs, stops: how === 'stop' })
      .then(() => {
        const timeout = grace + STOP_TIMEOUT_MS;
        return this.orders.call(drone, connection, how, { ids: [id], grace }, { timeout });
      })
      .then(
        ({ result }) => {
          if (!result.errors[id]) underWay.delete(id);
          else this.later(() => underWay.delete(id));
          return result;
        },
        (error: unknown) => {
          if (isLost(error)) underWay.delete(id);
          else this.later(() => underWay.delete(id));
          throw error;
        },
      )
      .finally(() => {
        traffic.left({ drone, id });
        this.done();
      });
  }
}
