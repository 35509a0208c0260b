import { FleetError } from '../../protocol/errors.ts';
import { freeName } from '../../protocol/names.ts';
import type { DroneNames } from './drone-names.ts';
import type { Introduction } from './introduction.ts';
import type { KnownDrone } from './known-drone.ts';

/** Drones that one hub knows, including those lost within the last hour, and those of one token among them. */
const MAX_DRONES = 10_000;
const MAX_DRONES_PER_TOKEN = 2_000;
/** All labels that a token's drone gives itself, as JSON. */
const MAX_LABEL_CHARACTERS = 4_096;

/** Throws ELIMIT if there is no room for one more drone: a newcomer replaces none that is known. */
export function mustHaveRoom(known: Iterable<Pick<KnownDrone, 'by'>>, by: string | null): void {
  let [all, ofToken] = [0, 0];
  for (const drone of known) {
    all++;
    if (drone.by === by) ofToken++;
  }
  if (all >= MAX_DRONES)
    throw new FleetError('ELIMIT', `this hub already has ${MAX_DRONES} drones, its limit`);
  if (by !== null && ofToken >= MAX_DRONES_PER_TOKEN)
    throw new FleetError('ELIMIT', `the token '${by}' already has ${MAX_DRONES_PER_TOKEN} drones, its limit`);
}

/** Throws ELIMIT if the labels of a token's drone are long: the hub keeps them for months, and shows them in one answer. */
export function demandFewLabels(labels: Record<string, string>, token: string): void {
  if (JSON.stringify(labels).length <= MAX_LABEL_CHARACTERS) return;
  throw new FleetError(
    'ELIMIT',
    `a drone of the token '${token}' has more than ${MAX_LABEL_CHARACTERS} characters of labels`,
  );
}

/**
 * Returns the name that a drone gets: the one that it asks for, with a number if that is taken, or the one that its token is
 * for. `has` tells which names other drones have now. Throws EDUPLICATE.
 */
export function nameFor(
  { name, identity, by = null, only = null }: Pick<Introduction, 'name' | 'identity' | 'by' | 'only'>,
  has: (name: string) => boolean,
  names: Pick<DroneNames, 'isOthers'>,
): string {
  // Whoever has the hub's secret may do anything.
  const isTaken = (one: string) => has(one) || (by !== null && names.isOthers(one, by, identity));
  if (only === null) return freeName(name, isTaken);
  if (!isTaken(only)) return only;
  throw new FleetError(
    'EDUPLICATE',
    `the token '${by}' is for the drone ${only}, and another drone has that name; if it is gone: fleet drones rm ${only}`,
  );
}
