import { type AppName, appName } from '../../protocol/app-names.ts';
import { own } from '../../system/own.ts';
import { type Placement, place, type Slots, type Wanted } from './placement.ts';

/** Where slots are, and to which drones those belong that have moved away because theirs was lost. */
export interface Placed {
  placement: Placement;
  homes: Placement;
}

/** A service whose slots may move. */
export interface Movable extends Wanted {
  /** How long a drone is lost until its slots move, in milliseconds; null for never. */
  rescheduleMs: number | null;
}

/** The slots of a service of which some move. */
interface Moves {
  staying: Slots;
  /** Those that leave a lost drone, if there is another one. */
  lost: Slots;
  /** Where those belong that have moved before. */
  homes: Slots;
}

/**
 * Returns where each slot of these services is, and where it belongs. A slot moves when its drone has been away for too
 * long, as `awayMs` says, and back when that is connected again. If no other drone may have it, it stays. What does not
 * change is the very object that is recorded.
 */
export function reschedule(
  before: Placed,
  services: readonly Movable[],
  awayMs: (drone: string) => number,
): Placed {
  const moves = new Map<string, Moves>();
  for (const wanted of services) {
    const moving = movesOf(before, wanted, awayMs);
    if (moving) moves.set(wanted.service, moving);
  }
  if (moves.size === 0) return { placement: place(before.placement, services), homes: before.homes };
  const staying = [...moves].map(([service, one]) => [service, one.staying] as const);
  const placement = place({ ...before.placement, ...Object.fromEntries(staying) }, services);
  const homes: Placement = {};
  for (const [service, moving] of moves) {
    const placed = slotsIn(placement, service);
    placement[service] = recorded(slotsIn(before.placement, service), { ...moving.lost, ...placed });
    const away = Object.entries({ ...moving.lost, ...moving.homes }).filter(
      ([slot, home]) => Object.hasOwn(placed, slot) && placed[slot] !== home,
    );
    if (away.length > 0) homes[service] = Object.fromEntries(away);
  }
  return { placement, homes: recorded(before.homes, homes) };
}

/** Returns where slots are without a drone that does not come back; null if there are none of it. */
export function withoutDrone({ placement, homes }: Placed, name: string): Placed | null {
  const without = (all: Placement): Placement =>
    Object.fromEntries(
      Object.entries(all).map(([service, slots]) => [
        service,
        Object.fromEntries(Object.entries(slots).filter(([, drone]) => drone !== name)),
      ]),
    );
  const left = { placement: without(placement), homes: without(homes) };
  return JSON.stringify(left) === JSON.stringify({ placement, homes }) ? null : left;
}

/** Returns in how many milliseconds the next slot moves, unless its drone comes back; null if none will. */
export function nextMoveMs(
  { placement }: Placed,
  services: readonly Movable[],
  awayMs: (drone: string) => number,
): number | null {
  const due = services.flatMap(({ service, rescheduleMs, places, count }) => {
    if (rescheduleMs === null || count === 'each' || !places.some(({ isConnected }) => isConnected))
      return [];
    const away = new Set(places.filter(({ isConnected }) => !isConnected).map(({ name }) => name));
    const lost = new Set(Object.values(slotsIn(placement, service)).filter((drone) => away.has(drone)));
    return [...lost].map((drone) => Math.max(0, rescheduleMs - awayMs(drone)));
  });
  return due.length === 0 ? null : Math.min(...due);
}

/** Returns what becomes of the slots of a service; null if all of them are where they belong. */
function movesOf(
  before: Placed,
  { service, places, rescheduleMs, count }: Movable,
  awayMs: (drone: string) => number,
): Moves | null {
  const homes = Object.entries(slotsIn(before.homes, service));
  if (homes.length === 0 && rescheduleMs === null) return null;
  const isConnected = new Map(places.map((one) => [one.name, one.isConnected]));
  const mayMove = (slot: string) => count !== 'each' && Number(slot) <= count;
  const isTooLong = (drone: string) =>
    rescheduleMs !== null && isConnected.get(drone) === false && awayMs(drone) >= rescheduleMs;
  const belongs = Object.fromEntries(homes.filter(([, home]) => isConnected.has(home)));
  const moves: Moves = { staying: {}, lost: {}, homes: belongs };
  for (const [slot, drone] of Object.entries(slotsIn(before.placement, service))) {
    const home = belongs[slot];
    const now = home !== undefined && isConnected.get(home) ? home : drone;
    const to = mayMove(slot) && isTooLong(now) ? moves.lost : moves.staying;
    to[slot] = now;
  }
  return homes.length === 0 && Object.keys(moves.lost).length === 0 ? null : moves;
}

function slotsIn(placement: Placement, service: string): Slots {
  return own(placement, service) ?? {};
}

/** Returns what is recorded, if it is the same. */
function recorded<T extends object>(before: T, now: T): T {
  return JSON.stringify(before) === JSON.stringify(now) ? before : now;
}

/** Returns a line for each slot of an app that has moved away from a lost drone, or back. */
export function movedLines(before: Placed & AppName, now: Placed): string[] {
  if (before.homes === now.homes) return [];
  const app = appName(before);
  const services = new Set([...Object.keys(before.homes), ...Object.keys(now.homes)]);
  return [...services].flatMap((service) => {
    const [was, is] = [slotsIn(before.homes, service), slotsIn(now.homes, service)];
    const drones = slotsIn(now.placement, service);
    const away = Object.entries(is).filter(([slot]) => !Object.hasOwn(was, slot));
    const back = Object.entries(was).filter(
      ([slot, home]) => !Object.hasOwn(is, slot) && drones[slot] === home,
    );
    return [
      ...away.map(
        ([slot, home]) => `${app}: ${service}.${slot} starts on ${drones[slot]}, as ${home} is lost`,
      ),
      ...back.map(([slot, home]) => `${app}: ${service}.${slot} is back on ${home}`),
    ];
  });
}
