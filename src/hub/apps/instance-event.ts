import type { AppEvent } from '../../protocol/apps.ts';
import type { Instance } from './world.ts';

/** An event about an app, without what all of them have. */
export type Told<E = AppEvent> = E extends AppEvent ? Omit<E, 'app' | 'repo'> : never;

/** Returns the event of an instance that has become something. */
export function instanceEvent(instance: Instance, state: string, why: string | null, tail: string[]): Told {
  const { drone, service, slot, id, port, release, ageMs } = instance;
  return {
    type: 'instance',
    ...{ drone, service, slot, id: id ?? '', port, release, state, why, tail },
    elapsed: ageMs / 1000,
  };
}
