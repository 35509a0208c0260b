import type { InstanceState, JobReport } from '../../protocol/instance.ts';
import type { Present } from './converge.ts';
import type { Place } from './placement.ts';

/** A drone that can run apps. */
export interface AppDrone extends Place {
  labels: Record<string, string>;
}

/** An instance that runs, or was ordered, on a connected drone. */
export interface Instance extends Present {
  /** Null until its drone has answered the order. */
  id: string | null;
  service: string;
  port: number | null;
  state: InstanceState;
  why: string | null;
  /** Why its drone wants it restarted; null if it does not. */
  restart: string | null;
  /** How its last run ended, as `exited with code 1`; null if it has not ended since it was ordered. */
  exit: string | null;
  /** Milliseconds since it was ordered. */
  ageMs: number;
}

/** How far a drone is with a commit of the app: null before it was asked, a text if it has failed. */
export type Prepared = 'under way' | 'ready' | { why: string } | null;

/** What there is, as far as an app is concerned. */
export interface World {
  drones: readonly AppDrone[];
  instances: readonly Instance[];
  prepared(drone: string, commit: string): Prepared;
  /** Why an instance could not be started; null if it was not tried, or if it may be tried again. */
  startFailure(place: { service: string; slot: number; release: number }): string | null;
  /** The job of the release that is under way; null before its drone has answered. */
  job: JobReport | null;
  /** A drone that has taken orders of a newer hub, which knows more; null if there is none. */
  newerHubAt: string | null;
  /** How long a drone has been away, in milliseconds, as far as it counts; 0 if it is connected. */
  awayMs(drone: string): number;
  /** Milliseconds since 1970. */
  now: number;
}

const knownServices = new WeakMap<readonly Instance[], Map<string, Instance[]>>();

/** Returns the instances of a service. Those of a world are sorted by service once. */
export function ofService({ instances }: World, service: string): readonly Instance[] {
  const services = knownServices.get(instances) ?? byService(instances);
  knownServices.set(instances, services);
  return services.get(service) ?? [];
}

function byService(instances: readonly Instance[]): Map<string, Instance[]> {
  const services = new Map<string, Instance[]>();
  for (const one of instances) {
    const here = services.get(one.service);
    if (here) here.push(one);
    else services.set(one.service, [one]);
  }
  return services;
}
