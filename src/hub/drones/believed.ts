import type { CheckedDroneParams, Reports } from '../../protocol/drone-calls.ts';
import type { Handlers } from '../../rpc/calls.ts';
import { OWN_NAMES, type Principal } from '../access/principal.ts';
import { type Digests, givenFences, isOrdered } from '../apps/order-marks.ts';
import { demandFewLabels } from './admission.ts';
import type { DroneDirectory } from './directory.ts';
import { reachedAt } from './reached-at.ts';

export interface BeliefParts {
  /** That of the hub that gives the orders. */
  vault: Digests;
  directory: Pick<DroneDirectory, 'hasInstance'>;
}

/** Returns a process as the hub takes it: one that nobody has ordered as an instance of an app is none. */
export type Believed = (report: Report) => Report;
type Report = CheckedDroneParams['changed'];

/** Returns what is believed of the processes of a drone that joins with this identity: everything, if it has the hub's secret. */
export function believing(
  { name }: Pick<Principal, 'name'>,
  identity: string,
  { vault, directory }: BeliefParts,
): Believed {
  if (OWN_NAMES.includes(name)) return (report) => report;
  return (report) => {
    if (!report.instance) return report;
    if (isOrdered(vault, report) && !directory.hasInstance(report.id, identity)) return report;
    const { instance, ...process } = report;
    return process;
  };
}

/** Returns what is believed of what a drone says about itself that comes from `from`. Throws ELIMIT for long labels. */
export function believedIntroduction(
  { processes, fences, address, labels, ...more }: CheckedDroneParams['join'],
  { name }: Pick<Principal, 'name'>,
  { from, believed, vault }: { from: string; believed: Believed; vault: Digests },
): CheckedDroneParams['join'] {
  const isOwn = OWN_NAMES.includes(name);
  if (!isOwn) demandFewLabels(labels, name);
  return {
    ...{ ...more, labels, processes: processes.map(believed) },
    fences: isOwn ? fences : givenFences(vault, fences),
    address: reachedAt(address, from),
  };
}

/** Returns what takes the reports of a drone, as far as they are believed: nothing has happened that is still to come. */
export function believedReports(own: Handlers<Reports>, believed: Believed): Handlers<Reports> {
  return {
    ...own,
    changed: (report, body) => own.changed(believed(report), body),
    event: ({ time, ...event }, body) =>
      own.event({ ...event, ...(time === undefined ? {} : { time: Math.min(time, Date.now()) }) }, body),
  };
}
