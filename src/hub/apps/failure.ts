import type { Service } from '../../app-file/types.ts';
import { isKept, numberOf, type ReleaseRecord, releaseOf } from './app-record.ts';
import type { Context } from './decision.ts';
import { wantedSlots } from './targets.ts';
import { type Instance, ofService, type World } from './world.ts';

/** How much later than `stable` one that is not served may be up. */
const LATE_MS = 30_000;

/** Why a release cannot go on. */
export interface Failure {
  why: string;
  /** The same, without saying which instance. */
  reason: string;
  /** The instance that has failed, if it is one's fault. */
  failed: Instance | null;
}

/** Returns why a release cannot be brought to these slots; null if nothing has failed. */
export function failureOf(
  { app, world, fileOf }: Context,
  release: ReleaseRecord,
  isMeant: (service: string, slot: number) => boolean = () => true,
): Failure | null {
  const isConnected = new Set(world.drones.filter((one) => one.isConnected).map(({ name }) => name));
  for (const service of rolledServices({ app, fileOf }, release)) {
    const number = numberOf(release, service.name);
    for (const failed of ofService(world, service.name)) {
      if (failed.release !== number || failed.isLeaving) continue;
      const why = whyOf(failed, withinOf(service));
      if (why === null || !isMeant(service.name, failed.slot)) continue;
      return { why: `${service.name}.${failed.slot} ${why}`, reason: why, failed };
    }
    const drones = new Set<string>();
    for (const { slot, drone } of wantedSlots(app, service)) {
      if (!isConnected.has(drone) || !isMeant(service.name, slot)) continue;
      const refused = world.startFailure({ service: service.name, slot, release: number });
      if (refused !== null)
        return nobodys(`${service.name}.${slot} could not be started on ${drone}: ${refused}`);
      drones.add(drone);
    }
    for (const drone of drones) {
      const prepared = world.prepared(drone, release.commit);
      if (typeof prepared === 'object' && prepared) return nobodys(`${drone}: ${prepared.why}`);
    }
  }
  return null;
}

/**
 * Returns that a service has no drone left; null if each has one. It does not keep a release from going back: the drones
 * get to what is live when they return.
 */
export function unreachable({ app, world, fileOf }: Context, release: ReleaseRecord): Failure | null {
  const isConnected = new Set(world.drones.filter((one) => one.isConnected).map(({ name }) => name));
  for (const service of rolledServices({ app, fileOf }, release)) {
    const slots = wantedSlots(app, service);
    if (slots.length > 0 && !slots.some(({ drone }) => isConnected.has(drone)))
      return nobodys(`none of the drones of ${service.name} is connected`);
  }
  return null;
}

/** Returns the services of a release, without those that the one under way leaves as they are. */
function rolledServices({ app, fileOf }: Pick<Context, 'app' | 'fileOf'>, release: ReleaseRecord): Service[] {
  const underWay = releaseOf(app, app.underWay);
  return fileOf(release).services.filter(({ name }) => underWay === null || !isKept(underWay, name));
}

/** Returns how long an instance may take until it is good, in milliseconds. */
export function withinOf({ health, stableMs }: Service): number {
  return health?.withinMs ?? stableMs + LATE_MS;
}

/** Returns what the first instance lacks that is not good; null if all are. */
export function latecomer({ instances }: Pick<World, 'instances'>): string | null {
  const late = instances.find(({ isGood, isLeaving }) => !isGood && !isLeaving);
  return late ? `${late.service}.${late.slot} ${late.exit ?? late.why ?? `is ${late.state}`}` : null;
}

function nobodys(why: string): Failure {
  return { why, reason: why, failed: null };
}

function whyOf({ exit, isGood, state, why, ageMs }: Instance, withinMs: number): string | null {
  if (isGood) return null;
  if (exit !== null) return `${exit} after ${(ageMs / 1000).toFixed(1)}s`;
  if (state === 'given-up') return why ?? 'was given up';
  if (ageMs <= withinMs) return null;
  const within = `${Math.round(withinMs / 1000)}s`;
  return `was not ready within ${within}${why === null ? '' : `: ${why}`}`;
}
