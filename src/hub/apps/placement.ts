import type { Slot } from './converge.ts';

/** The drone of each slot, by service. */
export type Placement = Record<string, Record<string, string>>;

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
  /** Only one instance a drone, because its port is fixed. */
  isAlone: boolean;
}

/**
 * Returns where each slot of these services is. A slot stays where it was while its drone may have it; a new one goes
 * to the connected drone with the fewest instances of its service, then the fewest processes, then by name. A slot for
 * which there is no drone is left out.
 */
export function place(before: Placement, services: readonly Wanted[]): Placement {
  const placement: Placement = {};
  /** Instances that this placement adds. */
  const added = new Map<string, number>();
  for (const wanted of services) {
    const kept = keep(before[wanted.service] ?? {}, wanted);
    const slots = wanted.count === 'each' ? placeEach(kept, wanted) : placeCounted(kept, wanted, added);
    placement[wanted.service] = Object.fromEntries(slots.map(({ slot, drone }) => [slot, drone]));
  }
  return placement;
}

/** Returns the slots of a service, lowest first. */
export function slotsOf(placement: Placement, service: string): Slot[] {
  return Object.entries(placement[service] ?? {})
    .map(([slot, drone]) => ({ slot: Number(slot), drone }))
    .sort((a, b) => a.slot - b.slot);
}

function keep(slots: Record<string, string>, { places }: Wanted): Slot[] {
  const names = new Set(places.map(({ name }) => name));
  return slotsOf({ it: slots }, 'it').filter(({ drone }) => names.has(drone));
}

function placeEach(kept: Slot[], { places }: Wanted): Slot[] {
  const slots = [...kept];
  const has = new Set(kept.map(({ drone }) => drone));
  for (const { name } of places.filter((one) => one.isConnected && !has.has(one.name)))
    slots.push({ slot: freeSlot(slots), drone: name });
  return slots;
}

function placeCounted(
  kept: Slot[],
  { count, places, isAlone }: Wanted & { count: number | 'each' },
  added: Map<string, number>,
): Slot[] {
  // Slots above the count stay as they are.
  const above = kept.filter(({ slot }) => slot > Number(count));
  const slots = kept.filter(({ slot }) => slot <= Number(count));
  const ofService = new Map<string, number>();
  for (const { drone } of slots) ofService.set(drone, (ofService.get(drone) ?? 0) + 1);
  const taken = new Set(slots.map(({ slot }) => slot));
  const queue = places
    .filter(({ isConnected, name }) => isConnected && !(isAlone && ofService.has(name)))
    .map(({ name, processes }): Room => {
      return { name, ofService: ofService.get(name) ?? 0, processes: processes + (added.get(name) ?? 0) };
    })
    .sort(compare);
  for (let slot = 1; slots.length < Number(count); slot++) {
    if (taken.has(slot)) continue;
    const best = queue.shift();
    if (!best) break;
    added.set(best.name, (added.get(best.name) ?? 0) + 1);
    slots.push({ slot, drone: best.name });
    const { name, ofService, processes } = best;
    if (!isAlone) insert(queue, { name, ofService: ofService + 1, processes: processes + 1 });
  }
  return [...slots, ...above].sort((a, b) => a.slot - b.slot);
}

/** What a drone has already. */
interface Room {
  name: string;
  ofService: number;
  processes: number;
}

/** Puts an item into a sorted queue: only one changes at a time, so that it need not be sorted anew. */
function insert(queue: Room[], item: Room): void {
  let [low, high] = [0, queue.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    const other = queue[middle];
    if (other && compare(other, item) < 0) low = middle + 1;
    else high = middle;
  }
  queue.splice(low, 0, item);
}

function compare(a: Room, b: Room): number {
  return a.ofService - b.ofService || a.processes - b.processes || (a.name < b.name ? -1 : 1);
}

function freeSlot(slots: readonly Slot[]): number {
  const taken = new Set(slots.map(({ slot }) => slot));
  for (let slot = 1; ; slot++) if (!taken.has(slot)) return slot;
}
