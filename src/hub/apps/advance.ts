import { parallelOf } from '../../app-file/parallel.ts';
import type { Service } from '../../app-file/types.ts';
import { isKept, numberOf, type ReleaseRecord, releaseOf } from './app-record.ts';
import { converge, type Slot } from './converge.ts';
import { act, type Command, type Context, type Decision, isStaying } from './decision.ts';
import { wantedSlots } from './targets.ts';
import { type Instance, ofService } from './world.ts';

/**
 * Returns the next steps of all services towards a release. While it `isCautious`, the first new instance goes ahead, and
 * nothing is stopped for something that is not good.
 */
export function advance(
  context: Context,
  release: ReleaseRecord,
  { isCautious }: { isCautious: boolean },
): Decision {
  const { app, world, fileOf } = context;
  const file = fileOf(release);
  const isConnected = new Set(world.drones.filter((one) => one.isConnected).map(({ name }) => name));
  const canary = release.state === 'rolling' ? release.canary : null;
  const commands: Command[] = [];
  const extra: { instance: Instance; service: Service | null }[] = [];
  let [isSettled, areAllGood] = [true, true];
  const underWay = releaseOf(app, app.underWay);
  const isHeld = (name: string) => underWay !== null && isKept(underWay, name);
  /** Until the first one is good, nothing else is started. */
  const isAhead =
    isCautious &&
    !world.instances.some(
      (one) => one.isGood && !isHeld(one.service) && one.release === numberOf(release, one.service),
    );
  for (const service of file.services) {
    const all = wantedSlots(app, service);
    if (isHeld(service.name) || (canary !== null && service.order === 'stop-first')) continue;
    const number = numberOf(release, service.name);
    const isMeant = ({ slot, drone }: Slot) => isConnected.has(drone) && slot <= (canary ?? slot);
    const slots = all.filter(isMeant);
    const kept = new Set(slots.length < all.length ? without(all, isMeant) : []);
    const here = ofService(world, service.name);
    const present = canary === null ? here : here.filter((one) => one.release === number);
    const course = {
      release: number,
      order: service.order,
      parallel: isAhead ? 1 : parallelOf(service, all.length),
    };
    const next = converge(slots, present, course, kept);
    isSettled &&= next.isSettled;
    areAllGood &&= next.areAllGood;
    extra.push(...next.extra.map((instance) => ({ instance, service })));
    const hasBegun = present.some((one) => one.release === number);
    const starts = isAhead ? next.start.slice(0, hasBegun ? 0 : 1) : next.start;
    for (const slot of starts) commands.push(...startOf(context, release, service, slot));
    for (const instance of next.stop) commands.push({ do: 'stop', instance, service });
    if (isAhead && slots.length > 0) {
      areAllGood = false;
      break;
    }
  }
  const known = new Set(file.services.map(({ name }) => name));
  const gone = world.instances.filter(({ service }) => !known.has(service));
  extra.push(...gone.map((instance) => ({ instance, service: null })));
  if (canary !== null) return act(commands, isSettled);
  // Nothing that works is stopped for something that does not.
  if (areAllGood || !isCautious)
    for (const one of extra.filter(({ instance }) => isStaying(instance)))
      commands.push({ do: 'stop', ...one });
  return act(commands, isSettled && gone.length === 0);
}

/** Returns the numbers of the slots that are not meant. */
function without(slots: readonly Slot[], isMeant: (slot: Slot) => boolean): number[] {
  return slots.filter((one) => !isMeant(one)).map(({ slot }) => slot);
}

function startOf({ world }: Context, release: ReleaseRecord, service: Service, slot: Slot): Command[] {
  const place = { service: service.name, slot: slot.slot, release: numberOf(release, service.name) };
  if (world.startFailure(place) !== null) return [];
  const prepared = world.prepared(slot.drone, release.commit);
  if (prepared === null) return [{ do: 'prepare', drone: slot.drone, release }];
  return prepared === 'ready' ? [{ do: 'start', release, service, slot }] : [];
}
