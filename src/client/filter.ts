import { FleetError } from '../protocol/errors.ts';
import type { DroneStatus } from '../protocol/process.ts';
import type { Link } from './link.ts';
import { nameOf, parseProcess } from './select.ts';
import type { ProcessFilter } from './types.ts';

/** What of an answer of `ps` matches. A hub of fleet 1.0 answers with everything. */
export function filtered(
  drones: Record<string, DroneStatus>,
  { ids, repo, commit }: ProcessFilter,
  names: string[] | null,
): Record<string, DroneStatus> {
  if (!ids && repo === undefined && commit === undefined && !names) return drones;
  const wanted = ids && new Set(ids.map(parseProcess).map(nameOf));
  const left = Object.entries(drones).filter(([name]) => !names || names.includes(name));
  return Object.fromEntries(
    left.map(([name, drone]) => {
      const matching = Object.entries(drone.processes).filter(
        ([id, one]) =>
          (!wanted || wanted.has(id) || wanted.has(`${name}#${id}`)) &&
          (repo === undefined || one.repo === repo) &&
          (commit === undefined || one.commit.startsWith(commit)),
      );
      return [name, { ...drone, processes: Object.fromEntries(matching) }];
    }),
  );
}

/** Throws EPROTOCOL if the filter has a service or a stage, which the hub is too old to know. */
export async function demandServices(
  link: Pick<Link, 'features'>,
  { service, stage }: ProcessFilter,
): Promise<void> {
  if ((service === undefined && stage === undefined) || (await link.features()).has('services')) return;
  throw new FleetError('EPROTOCOL', 'the hub is too old to know services; update fleet on its machine');
}
