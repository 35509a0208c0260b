import type { DroneKeys } from '../access/drone-keys.ts';
import type { Leader } from '../apps/leader.ts';
import type { DroneDirectory } from './directory.ts';

export interface ForgetParts {
  directory: DroneDirectory;
  keys: Pick<DroneKeys, 'removeOf'>;
  appService: { leader: Leader; apps: { forgetDrone(name: string): Promise<boolean> } };
}

/**
 * Forgets a lost drone, its key and its slots. One that was lost long ago is not in the directory, and may still have
 * these. Throws ENODRONE if nothing of it is known, or if it is connected; EIO.
 */
export async function forgetDrone(name: string, { directory, keys, appService }: ForgetParts): Promise<void> {
  const isRemembered = directory.get(name) !== undefined;
  if (isRemembered) directory.forget(name);
  const { moved } = await appService.leader.ask('drone.replace', { name }, async () => ({
    moved: await appService.apps.forgetDrone(name),
  }));
  const hadKey = await keys.removeOf(name);
  if (!isRemembered && !directory.free(name) && !moved && !hadKey) directory.forget(name);
}
