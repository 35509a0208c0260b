import { stageOption } from '../protocol/app-names.ts';
import { FleetError, toWire, type WireError } from '../protocol/errors.ts';
import type { InstanceReport } from '../protocol/instance.ts';
import type { Drone } from './drones/drone.ts';
import type { Selection } from './selection.ts';

/** Selected processes, without the instances that belong to their apps. */
export interface Spared {
  byDrone: Map<string, string[]>;
  /** How many instances of each app were selected by something else than their ids. */
  leftAlone: Record<string, number>;
  /** Instances that were named by id, with the reason, by drone. */
  refused: Map<string, Record<string, WireError>>;
}

/**
 * Takes the instances of apps out of a selection: an app would start another in place of what is stopped. A restart keeps
 * them if it names them by id, service or stage; a restart that changes the environment does not, because that is the app's.
 */
export function spareInstances(
  how: 'stop' | 'restart' | 'change',
  drones: readonly Drone[],
  byDrone: ReadonlyMap<string, string[]>,
  { ids, service, stage }: Selection,
): Spared {
  const spared: Spared = { byDrone: new Map(), leftAlone: {}, refused: new Map() };
  const isMeant = how === 'restart' && (ids !== null || service !== null || stage !== null);
  for (const [name, selected] of byDrone) {
    const { processes } = drones.find((drone) => drone.name === name) ?? {};
    const rest = selected.filter((id) => {
      const instance = processes?.get(id)?.report.instance;
      if (!instance || isMeant) return true;
      if (ids === null) spared.leftAlone[instance.app] = (spared.leftAlone[instance.app] ?? 0) + 1;
      else
        spared.refused.set(name, { ...spared.refused.get(name), [id]: refusal(how, id, instance, drones) });
      return false;
    });
    if (rest.length > 0) spared.byDrone.set(name, rest);
  }
  return spared;
}

/** Says whose instance it is, and what to do instead. */
function refusal(
  how: 'stop' | 'restart' | 'change',
  id: string,
  { app, service, slot }: InstanceReport,
  drones: readonly Drone[],
): WireError {
  const as = stageOption(app);
  if (how === 'change') {
    const why = `${id} is ${service}.${slot} of ${app}, whose environment it has; fleet env set${as} changes that`;
    return toWire(new FleetError('EINSTANCE', why));
  }
  const fewer = Math.max(0, slotsOf(app, service, drones) - 1);
  const instead = `fleet restart ${id}, fleet scale${as} ${service}=${fewer} or fleet down${as}`;
  return toWire(
    new FleetError(
      'EINSTANCE',
      `${id} is ${service}.${slot} of ${app}, which would start another; ${instead}; --force stops it all the same`,
    ),
  );
}

/** Counts the slots that a service has somewhere. */
function slotsOf(app: string, service: string, drones: readonly Drone[]): number {
  const slots = new Set<number>();
  for (const { processes } of drones) {
    for (const { report } of processes.values())
      if (report.instance?.app === app && report.instance.service === service)
        slots.add(report.instance.slot);
  }
  return slots.size;
}
