import type { DroneKeys } from '../access/drone-keys.ts';
import type { DroneDirectory } from './directory.ts';

export interface ForgetParts {
  directory: DroneDirectory;
  keys: Pick<DroneKeys, 'removeOf'>;
  appService: { apps: { forgetDrone(name: string): boolean } };
}

/**
 * Forgets a lost drone, its key and its slots. One that was lost long ago is not in the directory, and may still have
 * these. Throws ENODRONE if nothing of it is known, or if it is connected; EIO.
 */
export function forgetDrone(name: string, { directory, keys, appService }: ForgetParts): void {
  if (directory.get(name)) {
    directory.forget(name);
    keys.removeOf(name);
    return;
  }
  const [hadSlots, hadKey] = [appService.apps.forgetDrone(name), keys.removeOf(name)];
  if (!directory.free(name) && !hadSlots && !hadKey) directory.forget(name);
}
