import type { HubIdentity } from '../../protocol/hub-words.ts';

/** Ages within this are the same: they are told at slightly different moments. */
const SAME_AGE_MS = 100;

/** A hub, and for how long it has been there, in ms; null if it does not say. */
export interface Aged {
  hub: HubIdentity;
  age: number | null;
}

/**
 * Returns true if a hub that was heard of was there before another one of its name, which has taken its place: it was stopped
 * for a while, and does not know that yet.
 */
export function isDisplaced(heard: Aged, known: Aged): boolean {
  if (heard.age === null || known.age === null) return false;
  return heard.age > known.age + SAME_AGE_MS;
}

/** Returns true if this hub has to leave its name to another one: of two, one does, whenever they were started. */
export function yieldsTo(own: Aged, other: Aged): boolean {
  if (own.age === null || other.age === null) return false;
  if (Math.abs(own.age - other.age) > SAME_AGE_MS) return own.age > other.age;
  return own.hub.start > other.hub.start;
}
