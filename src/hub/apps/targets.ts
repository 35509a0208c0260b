import { matches, type Selector } from '../../app-file/selector.ts';
import type { AppFile, Service } from '../../app-file/types.ts';
import { own } from '../../system/own.ts';
import type { AppRecord, ReleaseRecord } from './app-record.ts';
import type { Slot } from './converge.ts';
import type { Context } from './decision.ts';
import { asRecord, type Placement, slotsOf } from './placement.ts';
import { type Movable, type Placed, reschedule } from './rescheduling.ts';
import type { AppDrone, World } from './world.ts';

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

/** Returns the drone that runs the release command: the first of those that may that is connected. */
export function releaseDrone(file: AppFile, drones: readonly AppDrone[]): AppDrone | undefined {
  const on = file.deploy.release?.on ?? [];
  const may = targetsOf(file, drones, on.length > 0 ? on : file.services[0]?.on);
  return may.find(({ isConnected }) => isConnected);
}

/** Returns how many instances of a service there should be. */
export function countOf(app: AppRecord, service: Service): number | 'each' {
  return own(app.scale, service.name) ?? service.count;
}

/** Returns the slots that a service should have, lowest first, as far as there are drones for them. */
export function wantedSlots(app: AppRecord, service: Service): readonly Slot[] {
  const count = countOf(app, service);
  const slots = slotsOf(app.placement, service.name);
  const highest = slots.at(-1)?.slot ?? 0;
  return count === 'each' || highest <= count ? slots : slots.filter(({ slot }) => slot <= count);
}

/** Returns the services of a release, as far as it matters where their slots are. */
export function movables({ app, world, fileOf }: Context, release: ReleaseRecord): Movable[] {
  return movablesOf(app, world, fileOf(release));
}

/** The same, of a release that is not recorded yet. */
export function movablesOf(app: AppRecord, world: World, file: AppFile): Movable[] {
  const known = new Set(world.drones.map(({ name }) => name));
  return file.services.map((service) => {
    // A drone that was lost long ago still has its slots, unless somebody has it forgotten.
    const before = [app.placement, app.homes].flatMap((one) => slotsOf(one, service.name));
    const unknown = [...new Set(before.map(({ drone }) => drone))].filter((name) => !known.has(name));
    return {
      service: service.name,
      count: countOf(app, service),
      places: [
        ...targetsOf(file, world.drones, service.on),
        ...unknown.map((name) => ({ name, isConnected: false, processes: 0 })),
      ],
      port: service.port,
      rescheduleMs: service.rescheduleMs,
    };
  });
}

/**
 * Returns the placement that a release needs: the very objects that are recorded, if nothing changes. What is not needed
 * any more stays in it until the release is live: the one before may come back.
 */
export function placementOf(context: Context, release: ReleaseRecord): Placed {
  const { app, world, fileOf } = context;
  const { placement, homes } = reschedule(app, movables(context, release), world.awayMs);
  if (release.state !== 'live')
    return { placement: asRecorded(app, { ...app.placement, ...placement }), homes };
  const trimmed = fileOf(release).services.map((service) => {
    const slots = wantedSlots({ ...app, placement }, service);
    const whole = own(placement, service.name);
    const isWhole = slots === slotsOf(placement, service.name);
    return [service.name, whole && isWhole ? whole : asRecord(slots)] as const;
  });
  return { placement: asRecorded(app, Object.fromEntries(trimmed)), homes };
}

/** Returns the placement as it is recorded, if it is the same. */
function asRecorded(app: AppRecord, placement: Placement): Placement {
  const services = Object.keys(placement);
  const isSame =
    services.length === Object.keys(app.placement).length &&
    services.every((service) => placement[service] === own(app.placement, service));
  return isSame ? app.placement : placement;
}
