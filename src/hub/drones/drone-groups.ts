import { isDeepStrictEqual } from 'node:util';
import { byGroup } from '../store/groups.ts';
import type { KnownBefore } from './drone-change.ts';

/** Some of the drones that hubs have known, by identity: what one record has. */
export type DroneGroup = Readonly<Record<string, KnownBefore>>;

export const DRONES = 'drones';

/** Returns the drones of all groups, by identity. */
export function dronesIn(groups: ReadonlyMap<string, DroneGroup>): Map<string, KnownBefore> {
  return new Map([...groups.values()].flatMap((group) => Object.entries(group)));
}

/**
 * Returns the groups that are not what they were if `drones` are all that there are, of which only these may differ; null for
 * a group with no drone left.
 */
export function changedGroups(
  groups: ReadonlyMap<string, DroneGroup>,
  drones: ReadonlyMap<string, KnownBefore>,
  identities: Iterable<string>,
): [key: string, group: DroneGroup | null][] {
  const wanted = byGroup(
    DRONES,
    [...identities].map((identity) => [identity, drones.get(identity)]),
  );
  return [...wanted].flatMap(([key, some]) => {
    const before = new Map(Object.entries(groups.get(key) ?? {}));
    const after = new Map(before);
    for (const [identity, drone] of some) {
      if (drone) after.set(identity, drone);
      else after.delete(identity);
    }
    if (isDeepStrictEqual(before, after)) return [];
    return [[key, after.size > 0 ? Object.fromEntries(after) : null]];
  });
}

/** Returns the identities of the drones that a group has otherwise than another, or not at all. */
export function differingDrones(one: DroneGroup = {}, other: DroneGroup = {}): string[] {
  const before = new Map(Object.entries(one));
  const after = new Map(Object.entries(other));
  const all = new Set([...before.keys(), ...after.keys()]);
  return [...all].filter((identity) => !isDeepStrictEqual(before.get(identity), after.get(identity)));
}
