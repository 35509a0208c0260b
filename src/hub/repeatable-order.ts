import { setTimeout as sleep } from 'node:timers/promises';
import { FleetError } from '../protocol/errors.ts';
import { monotonicMs } from '../system/monotonic.ts';
import type { DroneDirectory } from './drones/directory.ts';
import type { DroneConnection } from './drones/drone.ts';
import { REJOIN_WITHIN_MS } from './drones/rejoin-window.ts';

const LOOK_EVERY_MS = 50;

/**
 * Gives an order that a drone carries out once, however often it is given. If the hub that the drone is connected to ends
 * meanwhile, it is given again when the drone has come to another one. Throws ENODRONE, and what `give` does.
 */
export async function orderRepeatably<T>(
  directory: Pick<DroneDirectory, 'get' | 'connection'>,
  name: string,
  give: (connection: DroneConnection) => Promise<T>,
  withinMs = REJOIN_WITHIN_MS,
): Promise<T> {
  const connection = directory.connection(name);
  // The end of this hub itself ends the connection of whoever asks, too, who asks the next one.
  const isElsewhere = directory.get(name)?.via !== null;
  try {
    return await give(connection);
  } catch (error) {
    if (!isElsewhere || !(error instanceof FleetError) || error.code !== 'ECLOSED') throw error;
    const until = monotonicMs() + withinMs;
    while (monotonicMs() < until) {
      const now = directory.get(name)?.connection ?? null;
      if (now && now !== connection) return give(now);
      await sleep(LOOK_EVERY_MS);
    }
    throw error;
  }
}
