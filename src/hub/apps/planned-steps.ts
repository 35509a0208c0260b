import type { Service } from '../../app-file/types.ts';
import type { PlannedStep } from '../../protocol/plans.ts';
import { isKept, numberOf, type ReleaseRecord } from './app-record.ts';
import { type Context, isStaying } from './decision.ts';
import { wantedSlots } from './targets.ts';
import { type Instance, ofService } from './world.ts';

/** Returns what would be started, replaced and stopped until an app with this placement is at a release, or at its canary. */
export function plannedSteps(context: Context, release: ReleaseRecord): PlannedStep[] {
  const { world, fileOf } = context;
  const { services } = fileOf(release);
  const moved = services.filter(({ name }) => !isKept(release, name));
  const steps = moved.flatMap((service) =>
    release.canary === null
      ? stepsOf(context, release, service)
      : canarySteps(context, service, release.canary),
  );
  if (release.canary !== null) return steps;
  const known = new Set(services.map(({ name }) => name));
  const gone = world.instances.filter((one) => !known.has(one.service) && isStaying(one));
  return [...steps, ...gone.map(stopOf)];
}

function canarySteps({ app, world }: Context, service: Service, canary: number): PlannedStep[] {
  if (service.order === 'stop-first') return [];
  const slots = wantedSlots(app, service).filter(({ slot }) => slot <= canary);
  return slots.filter(isOn(world)).map((slot) => ({ do: 'start', service: service.name, ...slot, id: null }));
}

function stepsOf({ app, world }: Context, release: ReleaseRecord, service: Service): PlannedStep[] {
  const { name } = service;
  const number = numberOf(release, name);
  const here = ofService(world, name).filter(isStaying);
  const slots = wantedSlots(app, service);
  const steps = slots.filter(isOn(world)).flatMap(({ slot, drone }): PlannedStep[] => {
    const inSlot = here.filter((one) => one.slot === slot);
    const current = inSlot.find((one) => one.release === number && one.drone === drone);
    if (current) return inSlot.filter((one) => one !== current).map(stopOf);
    const [old, ...others] = inSlot;
    if (!old) return [{ do: 'start', service: name, slot, drone, id: null }];
    const { id, port, drone: from } = old;
    return [{ do: 'replace', service: name, slot, drone, id, port, from }, ...others.map(stopOf)];
  });
  const wanted = new Set(slots.map(({ slot }) => slot));
  return [...steps, ...here.filter(({ slot }) => !wanted.has(slot)).map(stopOf)];
}

/** Returns a test for slots on a drone that is connected: what is meant for others waits until they are back. */
function isOn({ drones }: Context['world']): (slot: { drone: string }) => boolean {
  const connected = new Set(drones.filter((one) => one.isConnected).map(({ name }) => name));
  return ({ drone }) => connected.has(drone);
}

function stopOf({ service, slot, drone, id, port }: Instance): PlannedStep {
  return { do: 'stop', service, slot, drone, id, port };
}
