import { appName } from '../../protocol/app-names.ts';
import type { ReleaseState } from '../../protocol/apps.ts';
import type { PlannedBegin, PlannedEnd, PlannedStep, ReleasePlan } from '../../protocol/plans.ts';
import { numberOf, type ReleaseRecord, releaseOf } from './app-record.ts';
import { newRelease, type Wanted, withNewRelease } from './apply.ts';
import { beginNotes } from './begin-notes.ts';
import { countsWhile, lostDrones } from './counts.ts';
import { type Context, isStaying } from './decision.ts';
import { unreachable } from './failure.ts';
import { shownCommand } from './order-specs.ts';
import { plannedSteps } from './planned-steps.ts';
import { placementOf, releaseDrone, targetsOf } from './targets.ts';
import type { Instance } from './world.ts';

/** Returns what a release would do that has not begun. */
export function plannedRelease(context: Context, wanted: Wanted): ReleasePlan {
  const { now, instances } = context.world;
  const seen = instances.map((one) => one.release);
  const release = newRelease(context.app, wanted, { now, seq: 0, seen });
  const next = { ...context, app: withNewRelease(context.app, release) };
  const plan = plannedWay(
    next,
    { ...release, state: 'rolling' },
    release.canary === null ? 'live' : 'canary',
  );
  return { ...plan, ...failing(next, release), begin: beginOf(context, release) };
}

/** Returns what a release would come to that cannot reach one of its services: it would start and stop nothing. */
function failing(context: Context, release: ReleaseRecord): Pick<PlannedWay, 'steps' | 'end'> | null {
  const app = { ...context.app, ...placementOf(context, release) };
  const failure = unreachable({ ...context, app }, release);
  if (!failure) return null;
  const end = endOf({ ...context, app }, { ...release, state: 'failed', why: failure.why });
  return { steps: [], end };
}

/** What would happen, and how it would end. */
type PlannedWay = ReleasePlan & { end: PlannedEnd };

/** Returns what would happen until an app is at a release, and so in this state. */
export function plannedWay(context: Context, release: ReleaseRecord, state: ReleaseState): PlannedWay {
  const app = { ...context.app, ...placementOf(context, release) };
  const steps = plannedSteps({ ...context, app }, release);
  const world = { ...context.world, instances: instancesAfter(context.world.instances, steps, release) };
  const end = endOf({ ...context, app, world }, { ...release, state, why: null });
  return { app: appName(app), release: release.release, steps, begin: null, end };
}

function endOf({ app, world, fileOf }: Context, release: ReleaseRecord): PlannedEnd {
  return {
    ...{ state: release.state, why: release.why },
    services: countsWhile(release, app, world.instances, fileOf),
    replaces: replacedBy({ app }, release),
    lost: lostDrones(release, app, world, fileOf),
  };
}

/** Returns what would happen until nothing of an app runs. */
export function plannedStop({ app, world }: Context, release: number): PlannedWay {
  const steps = world.instances
    .filter(isStaying)
    .sort(bySlot)
    .map(
      ({ service, slot, drone, id, port }): PlannedStep => ({
        ...{ do: 'stop', service, slot, drone, id, port },
      }),
    );
  const end = { state: 'stopped', why: null, services: {}, replaces: null, lost: [] };
  return { app: appName(app), release, steps, begin: null, end };
}

function bySlot(a: Instance, b: Instance): number {
  return a.service === b.service ? a.slot - b.slot : a.service < b.service ? -1 : 1;
}

function beginOf(context: Context, release: ReleaseRecord): PlannedBegin {
  const { app, world, fileOf } = context;
  const { commit, subject, by, of, change } = release;
  const file = fileOf(release);
  const { deploy } = file;
  const connected = world.drones.filter(({ isConnected }) => isConnected);
  const drone = releaseDrone(file, connected);
  const command = of === null ? deploy.release?.command : undefined;
  return {
    ...{ commit, subject, by, of, env: change, builds: deploy.build !== null },
    replaces: replacedBy(context, release),
    notes: beginNotes(app, release, file, world),
    drones: targetsOf(file, connected).map(({ name }) => name),
    job: command && drone ? { drone: drone.name, command: shownCommand(command) } : null,
  };
}

function replacedBy({ app }: Pick<Context, 'app'>, { replaces }: ReleaseRecord): PlannedBegin['replaces'] {
  const replaced = releaseOf(app, replaces);
  return replaced && { release: replaced.release, commit: replaced.commit };
}

/** Returns what would run when these steps have been taken, and all has gone well. */
function instancesAfter(
  instances: readonly Instance[],
  steps: readonly PlannedStep[],
  release: ReleaseRecord,
): Instance[] {
  const ended = new Set(steps.map(({ drone, from, id }) => `${from ?? drone} ${id}`));
  const left = instances.filter(({ drone, id }) => !ended.has(`${drone} ${id}`));
  const begun = steps
    .filter((step) => step.do !== 'stop')
    .map(({ service, slot, drone }): Instance => {
      const blank = {
        id: null,
        port: null,
        why: null,
        restart: null,
        exit: null,
        ageMs: 0,
        isLeaving: false,
      };
      return {
        ...blank,
        service,
        slot,
        drone,
        release: numberOf(release, service),
        state: 'ready',
        isGood: true,
      };
    });
  return [...left, ...begun];
}
