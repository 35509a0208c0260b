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
}

export const eventPlace = v.object({
  time: s.milliseconds,
  type: s.shortText,
  drone: v.nullable(s.name),
  id: v.nullable(s.shortText),
});

/** Returns the place of an event. */
export function placeOf(event: { time: number; type: string }): EventPlace {
  const { time, type, drone, id } = event as { time: number; type: string; drone?: unknown; id?: unknown };
  return { time, type, drone: textOr(drone), id: textOr(id) };
}

const textOr = (value: unknown) => (typeof value === 'string' ? value : null);

/** Hubs that are told of the same event may note its time at slightly different moments. */
export const SAME_WITHIN_MS = 1_000;

/** Returns true if an event is at this place, or was at nearly the same time and is alike. */
export function isAt(place: EventPlace, event: { time: number; type: string }): boolean {
  const { time, type, drone, id } = placeOf(event);
  const isAlike = type === place.type && drone === place.drone && id === place.id;
  return isAlike && Math.abs(time - place.time) <= SAME_WITHIN_MS;
}
