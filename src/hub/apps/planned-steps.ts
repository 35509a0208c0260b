import type { AppFile } from '../../app-file/types.ts';
import type { PlannedStep } from '../../protocol/apps.ts';
import { type AppRecord, NO_CHANGE, type ReleaseRecord } from './app-record.ts';
import { withNewRelease } from './apply.ts';
import { placementOf, wantedSlots } from './targets.ts';
import { type Instance, ofService, type World } from './world.ts';

/** Returns what a release of a commit would start, replace and stop. */
export function plannedSteps(app: AppRecord, file: AppFile, world: World): PlannedStep[] {
  const release: ReleaseRecord = {
    ...{ release: app.last + 1, commit: '', subject: '', stage: null, toml: null, procfile: null, env: {} },
    ...{ change: NO_CHANGE, time: 0, liveAt: null, by: '', state: 'rolling', why: null, of: null },
    ...{ canary: null, rebuild: false, strict: false, replaces: app.live, isCancelled: false },
    ...{ keeps: {}, job: null, seq: 0 },
  };
  const next = withNewRelease(app, release);
  const placed = { ...next, ...placementOf({ app: next, world, fileOf: () => file }, release) };
  const starts = file.services.flatMap((service) => {
    const here = firstBySlot(ofService(world, service.name));
    return wantedSlots(placed, service).map(({ slot, drone }): PlannedStep => {
      const old = here.get(slot);
      return { do: old ? 'replace' : 'start', service: service.name, slot, drone, id: old?.id ?? null };
    });
  });
  const kept = new Set(starts.map(({ service, slot }) => `${service}.${slot}`));
  const stops = world.instances
    .filter(({ service, slot }) => !kept.has(`${service}.${slot}`))
    .map(({ service, slot, drone, id }): PlannedStep => ({ do: 'stop', service, slot, drone, id }));
  return [...starts, ...stops];
}

function firstBySlot(instances: readonly Instance[]): Map<number, Instance> {
  return new Map(instances.toReversed().map((one) => [one.slot, one]));
}
