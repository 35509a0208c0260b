import { FleetError } from '../protocol/errors.ts';
import type { DroneDirectory } from './drones/directory.ts';
import type { DroneConnection } from './drones/drone.ts';
import type { KnownDrone } from './drones/known-drone.ts';
import { REJOIN_WITHIN_MS } from './drones/rejoin-window.ts';

/**
 * Gives an order that a drone carries out once, however often it is given. If the hub that the drone is connected to ends
 * meanwhile, it is given again when the drone has come to another one. Throws ENODRONE, and what `give` does.
 */
export async function orderRepeatably<T>(
  directory: Pick<DroneDirectory, 'get' | 'connection' | 'on' | 'off'>,
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
    const next = await nextConnection(directory, name, { after: connection, withinMs });
    if (next) return give(next);
    throw error;
  }
}

/** Resolves to the connection of a drone that is another one than `after`, once there is one; to null if that takes too long. */
function nextConnection(
  directory: Pick<DroneDirectory, 'get' | 'on' | 'off'>,
  name: string,
  { after, withinMs }: { after: DroneConnection; withinMs: number },
): Promise<DroneConnection | null> {
  return new Promise((resolve) => {
    const look = (drone: KnownDrone | undefined) => {
      const now = drone?.name === name ? drone.connection : null;
      if (now && now !== after) end(now);
    };
    const end = (found: DroneConnection | null) => {
      clearTimeout(timer);
      directory.off('joined', look);
      resolve(found);
    };
    const timer = setTimeout(() => end(null), withinMs);
    directory.on('joined', look);
    look(directory.get(name));
  });
}
