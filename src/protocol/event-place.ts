import * as v from 'valibot';
import * as s from './words.ts';

/**
 * What tells an event from others at any of several hubs, each of which numbers it otherwise. What an event does not have
 * is null.
 */
export interface EventPlace {
  /** Milliseconds since 1970. */
  time: number;
  type: string;
  drone: string | null;
  id: string | null;
  /** Of `joined` and `lost`: what tells the connection of the drone from others. */
  connection?: string;
  /** Of what a drone tells: what tells it from all else. */
  key?: string;
}

/** Events that only the hub has at which they happen. */
const AT_ONE_HUB = new Set(['called', 'pushed']);

/** Returns true if all hubs of a cluster have events of this type. */
export function isAtAllHubs({ type }: { type: string }): boolean {
  return !AT_ONE_HUB.has(type);
}

export const eventPlace = v.object({
  time: s.milliseconds,
  type: s.shortText,
  drone: v.nullable(s.name),
  id: v.nullable(s.shortText),
  connection: v.exactOptional(s.shortText),
  key: v.exactOptional(s.shortText),
});

/** Returns the place of an event. */
export function placeOf(event: { time: number; type: string }): EventPlace {
  const { time, type, drone, id, connection, key } = event as { time: number; type: string } & Record<
    'drone' | 'id' | 'connection' | 'key',
    unknown
  >;
  return {
    ...{ time, type, drone: textOr(drone), id: textOr(id) },
    ...(typeof connection === 'string' ? { connection } : {}),
    ...(typeof key === 'string' ? { key } : {}),
  };
}

const textOr = (value: unknown) => (typeof value === 'string' ? value : null);

/** Hubs of fleet before 1.1 that are told of the same event note its time at slightly different moments. */
export const SAME_WITHIN_MS = 1_000;

/** Returns true if an event is at this place, or was at nearly the same time and is alike. */
export function isAt(place: EventPlace, event: { time: number; type: string }): boolean {
  const there = placeOf(event);
  const isAlike = there.type === place.type && there.drone === place.drone && there.id === place.id;
  // The clocks of hubs differ, and each notes for itself when a drone has joined or was lost.
  const [own, other] = [markOf(place), markOf(there)];
  if (own !== undefined && other !== undefined) return isAlike && own === other;
  return isAlike && Math.abs(there.time - place.time) <= SAME_WITHIN_MS;
}

/** Returns what tells an event from all others, whenever a hub has noted it; undefined if nothing does. */
const markOf = ({ connection, key }: EventPlace): string | undefined => connection ?? key;

/** Returns what is the same if a drone tells of the same event again; null if it does not say. */
export function toldKey(event: object): string | null {
  const { drone, key } = event as { drone?: string | null; key?: string };
  return key === undefined ? null : `${drone} ${key}`;
}
