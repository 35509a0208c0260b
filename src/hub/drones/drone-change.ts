/** A drone that was connected. `seen` is when it last joined or, if it is not connected, was lost (ms since 1970). */
export interface KnownBefore {
  name: string;
  seen: number;
  connected: boolean;
  /** Labels that the hub was told, which win over the drone's own. */
  labels?: Record<string, string>;
  /** Labels that it has said that it has. */
  ownLabels?: Record<string, string>;
  /** Where its instances are reached; null if that is not known. */
  address?: string | null;
  /** Whose token it joined with first; null for the hub's secret. */
  by?: string | null | undefined;
}

/** What has become of a drone: made twice, it is the same. Null forgets it. */
export type DroneChange = {
  /** True if what was known of it before counts no more. */
  anew: boolean;
  fields: Partial<KnownBefore>;
} | null;

/** Returns one change in place of two; undefined is none. */
export function merged(first: DroneChange | undefined, then: DroneChange): DroneChange {
  if (then === null || then.anew || first === undefined) return then;
  if (first === null) return { ...then, anew: true };
  return { anew: first.anew, fields: { ...first.fields, ...then.fields } };
}

/** Returns what is known of a drone after a change; undefined for nothing, as for a label of one that somebody has forgotten. */
export function changedDrone(known: KnownBefore | undefined, change: DroneChange): KnownBefore | undefined {
  const drone = change && { ...(change.anew ? undefined : known), ...change.fields };
  return isWhole(drone) ? drone : undefined;
}

/** Returns what is known of drones, by key, after changes. */
export function changedDrones(
  known: ReadonlyMap<string, KnownBefore>,
  changes: Iterable<readonly [string, DroneChange]>,
): Map<string, KnownBefore> {
  const next = new Map(known);
  for (const [key, change] of changes) {
    const drone = changedDrone(known.get(key), change);
    if (drone) next.set(key, drone);
    else next.delete(key);
  }
  return next;
}

function isWhole(drone: Partial<KnownBefore> | null): drone is KnownBefore {
  return drone?.name !== undefined && drone.seen !== undefined;
}
