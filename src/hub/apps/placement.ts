import { own } from '../../system/own.ts';
import type { Slot } from './converge.ts';

/** The drone of each slot. */
export type Slots = Record<string, string>;

/** The drones of slots, by service. */
export type Placement = Record<string, Slots>;

/** A drone, as far as it matters for where instances go. */
export interface Place {
  name: string;
  isConnected: boolean;
  /** How many processes it has. */
  processes: number;
}

export interface Wanted {
  service: string;
  count: number | 'each';
  /** The drones that may have it, lost ones too. */
  places: readonly Place[];
  /** Its fixed port, of which there is one instance a drone; null if each instance gets its own. */
  port: number | null;
}

/**
 * Returns where each slot of these services is. A slot stays where it was while its drone may have it; a new one goes
 * to the connected drone with the fewest instances of its service, then the fewest processes, then by name, but not where
 * another service has its fixed port. A slot for which there is no drone is left out. A service whose slots all stay keeps the very same object.
 */
export function place(before: Placement, services: readonly Wanted[]): Placement {
  const placement: Placement = {};
  /** Instances that this placement adds. */
  const added = new Map<string, number>();
  for (const wanted of services) {
    const old = slotsOf(before, wanted.service);
    const kept = keep(old, wanted);
    const taken = dronesWithPort(wanted, services, { ...before, ...placement });
    const free = { ...wanted, places: wanted.places.filter(({ name }) => !taken.has(name)) };
    const slots = wanted.count === 'each' ? placeEach(kept, free) : placeCounted(kept, free, added);
    placement[wanted.service] = asBefore(own(before, wanted.service), old, slots) ?? asRecord(slots);
  }
  return placement;
}

/** The slots of services: a placement is never changed in place, so that they are made once. */
const knownSlots = new WeakMap<Record<string, string>, readonly Slot[]>();

/** Returns the slots of a service, lowest first. */
export function slotsOf(placement: Placement, service: string): readonly Slot[] {
  const drones = own(placement, service);
  if (!drones) return [];
  const known = knownSlots.get(drones);
  if (known) return known;
  const slots = Object.entries(drones)
    .map(([slot, drone]) => ({ slot: Number(slot), drone }))
    .sort((a, b) => a.slot - b.slot);
  knownSlots.set(drones, slots);
  return slots;
}

/** Returns what a placement has of a service with these slots. */
export function asRecord(slots: readonly Slot[]): Record<string, string> {
  return Object.fromEntries(slots.map(({ slot, drone }) => [slot, drone]));
}

/** Returns the slots as they were recorded, if they are the same ones; else null. */
function asBefore(
  record: Record<string, string> | undefined,
  old: readonly Slot[],
  slots: readonly Slot[],
): Record<string, string> | null {
  const isSame = slots.length === old.length && slots.every((one, at) => one === old[at]);
  return isSame ? (record ?? null) : null;
}

/** Returns the drones on which other services have the fixed port of this one. */
function dronesWithPort(
  { service, port }: Wanted,
  services: readonly Wanted[],
  placement: Placement,
): ReadonlySet<string> {
  const others = services.filter((one) => port !== null && one.port === port && one.service !== service);
  return new Set(others.flatMap((one) => Object.values(own(placement, one.service) ?? {})));
}

function keep(slots: readonly Slot[], { places }: Wanted): readonly Slot[] {
  const names = new Set(places.map(({ name }) => name));
  return slots.filter(({ drone }) => names.has(drone));
}

function placeEach(kept: readonly Slot[], { places }: Wanted): readonly Slot[] {
  const slots = [...kept];
  const has = new Set(kept.map(({ drone }) => drone));
  const taken = new Set(kept.map(({ slot }) => slot));
  let slot = 1;
  for (const { name } of places.filter((one) => one.isConnected && !has.has(one.name))) {
    while (taken.has(slot)) slot++;
    slots.push({ slot: slot++, drone: name });
  }
  return slots;
}

function placeCounted(
  kept: readonly Slot[],
  { count, places, port }: Wanted,
  added: Map<string, number>,
): readonly Slot[] {
  // Slots above the count stay as they are.
  const below = kept.filter(({ slot }) => slot <= Number(count));
  const free = freeSlots(below, Number(count));
  if (free.length === 0) return kept;
  const ofService = new Map<string, number>();
  for (const { drone } of below) ofService.set(drone, (ofService.get(drone) ?? 0) + 1);
  const rooms = places
    .filter(({ isConnected, name }) => isConnected && !(port !== null && ofService.has(name)))
    .map(({ name, processes }): Room => {
      return { name, ofService: ofService.get(name) ?? 0, processes: processes + (added.get(name) ?? 0) };
    });
  const slots = port !== null ? placeOnce(free, rooms) : placeEvenly(free, rooms);
  for (const { drone } of slots) added.set(drone, (added.get(drone) ?? 0) + 1);
  return [...kept, ...slots].sort((a, b) => a.slot - b.slot);
}

function freeSlots(slots: readonly Slot[], count: number): number[] {
  if (slots.length === count) return [];
  const taken = new Set(slots.map(({ slot }) => slot));
  return Array.from({ length: count }, (_, at) => at + 1).filter((slot) => !taken.has(slot));
}

/** What a drone has already. */
interface Room {
  name: string;
  ofService: number;
  processes: number;
}

function placeOnce(free: readonly number[], rooms: Room[]): Slot[] {
  const sorted = rooms.sort(compare);
  return free.flatMap((slot, at) => {
    const room = sorted[at];
    return room ? [{ slot, drone: room.name }] : [];
  });
}

/** Fills up the drones that have the fewest, all of them by one, before it looks again which have the fewest. */
function placeEvenly(free: readonly number[], rooms: Room[]): Slot[] {
  const slots: Slot[] = [];
  while (slots.length < free.length && rooms.length > 0) {
    rooms.sort(compare);
    const fewest = rooms[0]?.ofService;
    for (const room of rooms.filter(({ ofService }) => ofService === fewest)) {
      const slot = free[slots.length];
      if (slot === undefined) break;
      slots.push({ slot, drone: room.name });
      room.ofService++;
      room.processes++;
    }
  }
  return slots;
}

function compare(a: Room, b: Room): number {
  return a.ofService - b.ofService || a.processes - b.processes || (a.name < b.name ? -1 : 1);
}
