import { matches, type Selector } from '../../app-file/selector.ts';
import type { AppFile, Service } from '../../app-file/types.ts';
import type { AppRecord, ReleaseRecord } from './app-record.ts';
import type { Slot } from './converge.ts';
import type { Context } from './decision.ts';
import { type Placement, place, slotsOf } from './placement.ts';
import type { AppDrone } from './world.ts';

/** Returns the drones that get an app, or those of them that match `on`, too. */
export function targetsOf(
  file: AppFile,
  drones: readonly AppDrone[],
  on: readonly Selector[] = [],
): AppDrone[] {
  const matchesAny = (selectors: readonly Selector[], drone: AppDrone) =>
    selectors.length === 0 || selectors.some((selector) => matches(selector, drone));
  return drones.filter((drone) => matchesAny(file.deploy.on, drone) && matchesAny(on, drone));
}

/** Returns how many instances of a service there should be. */
export function countOf(app: AppRecord, service: Service): number | 'each' {
  const scaled = Object.hasOwn(app.scale, service.name) ? app.scale[service.name] : undefined;
  return scaled ?? service.count;
}

/** Returns the slots that a service should have, lowest first, as far as there are drones for them. */
export function wantedSlots(app: AppRecord, service: Service): Slot[] {
  const count = countOf(app, service);
  const slots = slotsOf(app.placement, service.name);
  return count === 'each' ? slots : slots.filter(({ slot }) => slot <= count);
}

/**
 * Returns the placement that a release needs. What is not needed any more stays in it until the release is live: the one
 * before may come back.
 */
export function placementOf({ app, world, fileOf }: Context, release: ReleaseRecord): Placement {
  const file = fileOf(release);
  const wanted = file.services.map((service) => ({
    service: service.name,
    count: countOf(app, service),
    places: targetsOf(file, world.drones, service.on),
    isAlone: service.port !== null,
  }));
  const placement = place(app.placement, wanted);
  if (release.state !== 'live') return { ...app.placement, ...placement };
  const trimmed = file.services.map((service) => {
    const slots = wantedSlots({ ...app, placement }, service);
    return [service.name, Object.fromEntries(slots.map(({ slot, drone }) => [slot, drone]))] as const;
  });
  return Object.fromEntries(trimmed);
}
