import type { CheckedParamsOf, ParamsOf } from '../../protocol/call-table.ts';
import { FEATURES } from '../../protocol/features.ts';
import type { HubCalls } from '../../protocol/hub-calls.ts';
import type { KnownProcess } from '../drones/drone.ts';
import type { Introduction } from '../drones/introduction.ts';
import type { KnownDrone } from '../drones/known-drone.ts';

/** What has become of a drone, as another hub is told. */
export type News = ParamsOf<HubCalls, 'drones.tell'>['news'][number];
/** The same, as that hears it. */
export type HeardNews = CheckedParamsOf<HubCalls, 'drones.tell'>['news'][number];
/** A drone, as its hub introduces it to others. */
export type Introduced = NonNullable<HeardNews['joined']>;

/** Returns what other hubs are told of a drone that is connected to this one; null if it is not. */
export function introduced(drone: KnownDrone, now = performance.now()): News['joined'] | null {
  const {
    connection,
    identity,
    name,
    version,
    by = null,
    start,
    address,
    lags,
    fences,
    machine,
    key,
  } = drone;
  if (!connection) return null;
  return {
    ...{ identity, name, version, by, start, address, fences, machine, key },
    features: FEATURES.filter((feature) => connection.features.has(feature)),
    age: Math.max(0, Math.round(now - drone.since)),
    labels: drone.ownLabels,
    processes: [...drone.processes.values()].map((one) => reportNow(one, now)),
    jobs: [...drone.jobs.values()],
    lags: [...lags],
  };
}

/** Returns how a drone joins that is connected to the hub `via`. */
export function introductionOf(
  { age, name, by, ...told }: Introduced,
  via: string,
  now = performance.now(),
): Introduction & { given: string; via: string; since: number } {
  return { ...told, name, given: name, by, via, since: now - age };
}

/**
 * Returns true if what a hub says of a drone is newer than the connection that is known. Ages are compared, and not the times
 * of clocks: what was told late may be taken for newer than it is, and is then corrected by the hub that has the drone.
 */
export function isNewer(told: { via: string; since: number }, known: KnownDrone | undefined): boolean {
  return !known?.connection || known.via === told.via || told.since > known.since;
}

/** Returns a report as the drone would make it now. */
function reportNow({ report, at }: KnownProcess, now: number): KnownProcess['report'] {
  const age = Math.max(0, Math.round(now - at));
  if (report.status !== 'respawning') return { ...report, uptime: report.uptime + age };
  return { ...report, respawnIn: Math.max(0, report.respawnIn - age) };
}
