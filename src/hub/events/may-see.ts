import type { HubEvent, OutputPiece } from '../../protocol/events.ts';
import { type Place, seesApp, seesDrone, seesProcess } from '../access/limits.ts';
import { type Principal, sees } from '../access/principal.ts';
import type { DroneDirectory } from '../drones/directory.ts';

/** Finds the drone of an event or of output. */
type Known = Pick<DroneDirectory, 'get'>;

/**
 * Returns true if `who` may see an event: those of their repository and of drones. Calls of others are for the audit
 * log.
 */
export function maySee(who: Principal, event: HubEvent, directory: Known): boolean {
  switch (event.type) {
    case 'joined':
    case 'lost':
      return who.repo === null && seesDrone(who, placeOf(directory, event.drone));
    case 'called':
      return false;
    default:
      return sees(who, event.repo) && (!who.limits || isWithinLimits(who, event, directory));
  }
}

/** True if an event is of an app and a drone that `who` may see. One of no drone is about all of them. */
function isWithinLimits(
  who: Principal,
  event: { repo: string; app?: string; drone?: string; id?: string },
  directory: Known,
): boolean {
  const { repo, app, drone, id = '' } = event;
  if (drone === undefined) return who.limits?.drones === undefined && app !== undefined && seesApp(who, app);
  const instance = app === undefined ? instanceOf(directory, drone, id) : { app };
  return seesProcess(who, placeOf(directory, drone), { repo, instance });
}

const instanceOf = (directory: Known, drone: string, id: string) =>
  directory.get(drone)?.processes.get(id)?.report.instance;

const placeOf = (directory: Known, name: string): Place => directory.get(name) ?? { name, labels: {} };

/** Returns true if `who` may see output of a process. */
export function seesOutput(
  who: Principal,
  drone: string,
  { repo, id }: OutputPiece,
  directory: Known,
): boolean {
  if (!who.limits) return sees(who, repo);
  return seesProcess(who, placeOf(directory, drone), { repo, instance: instanceOf(directory, drone, id) });
}
