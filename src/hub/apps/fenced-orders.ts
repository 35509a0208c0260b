import { setTimeout as sleep } from 'node:timers/promises';
import type { CheckedAnswerOf, ParamsOf } from '../../protocol/call-table.ts';
import { FleetError } from '../../protocol/errors.ts';
import { type Fence, isLower } from '../../protocol/fence.ts';
import type { Orders } from '../../protocol/orders.ts';
import type { CallOptions, CheckedAnswer } from '../../rpc/calls.ts';
import { own } from '../../system/own.ts';
import type { Drone, DroneConnection } from '../drones/drone.ts';
import type { FenceSource } from '../start-count.ts';
import { type Digests, fenceMark } from './order-marks.ts';

/** How long an order lasts, at least, that fails as if its drone had gone away. */
const LOST_AFTER_MS = 250;

type Fenced = 'spawn' | 'stop' | 'restart' | 'prepare' | 'job.start';

/** Returns true if an order's failure says nothing about the app: the drone went away, or obeys a newer hub. */
export function isLost(error: unknown): boolean {
  return error instanceof FleetError && ['ECLOSED', 'ENODRONE', 'ETIMEOUT', 'ESTALE'].includes(error.code);
}

/** Returns what is said of an app while a drone has orders about it that are newer than this hub's. */
export function newerHubText(drone: string): string {
  return `${drone} obeys another hub, or this one's directory is an old copy; fleet up or fleet rollback decides`;
}

function refusesText(drone: string): string {
  return `${drone} refuses orders of the hub that leads, as if there were a newer one; start it anew, or remove it`;
}

/** The orders about one app that the hub gives by itself: each carries its fence. */
export class FencedOrders {
  /** The connection over which an order was refused for its fence. */
  private refused: { drone: string; connection: DroneConnection } | null = null;

  constructor(
    private readonly app: string,
    private readonly source: FenceSource,
    private readonly vault: Digests,
  ) {}

  /**
   * Orders something, and rejects as the call does: with ESTALE if the drone obeys a newer hub, also if this hub leads no
   * more; with EPROTOCOL if the drone says so and there is none.
   */
  async call<K extends Fenced>(
    drone: string,
    connection: DroneConnection,
    method: K,
    params: ParamsOf<Orders, K>,
    options: CallOptions,
  ): Promise<CheckedAnswer<CheckedAnswerOf<Orders, K>>> {
    const fence = this.source.of(this.app);
    if (!fence) throw new FleetError('ESTALE', 'another hub decides now');
    const { app, vault } = this;
    const fenced = { ...params, fence: { app, ...fence, mark: fenceMark(vault, app, fence) } };
    try {
      return await connection.orders.call(method, fenced as ParamsOf<Orders, K>, options);
    } catch (error) {
      // A drone may say so, and be there: it would be asked again as fast as it answers.
      if (isLost(error)) await sleep(LOST_AFTER_MS);
      if (!(error instanceof FleetError) || error.code !== 'ESTALE') throw error;
      const decider = await this.source.refused(fence);
      if (decider === 'here') throw new FleetError('EPROTOCOL', refusesText(drone), { cause: error });
      if (decider === 'unknown') this.refused = { drone, connection };
      throw error;
    }
  }

  /** Returns the name of a connected drone that has taken orders of a newer hub; null if there is none. */
  newerAt(drones: readonly Drone[]): string | null {
    const mine = this.source.of(this.app);
    const newer = drones.find((drone) => {
      const highest = this.highestAt(drone);
      return highest && mine && isLower(mine, highest);
    });
    if (newer) return newer.name;
    const isStill = drones.some(({ connection }) => connection && connection === this.refused?.connection);
    return isStill ? (this.refused?.drone ?? null) : null;
  }

  /** Somebody has decided that this hub's view counts: its orders are newer than all that these drones have taken. */
  raise(drones: readonly Drone[]): void {
    this.refused = null;
    for (const drone of drones) {
      const highest = this.highestAt(drone);
      if (highest) this.source.raiseAbove(this.app, highest);
    }
  }

  private highestAt({ connection, fences }: Drone): Fence | undefined {
    return connection ? own(fences, this.app) : undefined;
  }
}
