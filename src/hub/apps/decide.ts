import { advance } from './advance.ts';
import { type ReleaseRecord, releaseOf } from './app-record.ts';
import { act, become, type Context, type Decision, isStaying, record, stopOf, WAIT } from './decision.ts';
import { failureOf, unreachable } from './failure.ts';
import { restartsOf } from './restarts.ts';
import { placementOf, releaseDrone, targetsOf } from './targets.ts';

/** Returns what to do next about an app. Depends on nothing but what it is given. */
export function decide(context: Context): Decision {
  const { app, world } = context;
  // Somebody knows more than this hub: its state was lost, or is an old copy.
  if (world.newerHubAt !== null || world.instances.some(({ release }) => release > app.last)) return WAIT;
  const release = releaseOf(app, app.underWay);
  if (!release) return keep(context, releaseOf(app, app.live));
  const placed = release.state === 'reverting' ? null : replaced(context, release);
  if (placed) return placed;
  switch (release.state) {
    case 'building':
      return build(context, release);
    case 'releasing':
      return runJob(context, release);
    case 'rolling':
      return roll(context, release);
    case 'canary':
      return release.isCancelled ? become('reverting') : WAIT;
    case 'reverting':
      return revert(context, release);
    default:
      return WAIT;
  }
}

/** The app as it should be for ever after. */
function keep(context: Context, live: ReleaseRecord | null): Decision {
  const { app, world } = context;
  if (app.undecided !== null) return WAIT;
  if (!live) return act(world.instances.filter(isStaying).map(stopOf), world.instances.length === 0);
  const placed = replaced(context, live);
  if (placed) return placed;
  const next = advance(context, live, { isCautious: false });
  return { ...next, commands: [...next.commands, ...restartsOf(context, live)] };
}

function build(context: Context, release: ReleaseRecord): Decision {
  const { world, fileOf } = context;
  if (release.isCancelled) return become('cancelled');
  const file = fileOf(release);
  const targets = targetsOf(file, world.drones).filter(({ isConnected }) => isConnected);
  const states = targets.map(({ name }) => ({ name, state: world.prepared(name, release.commit) }));
  const failed = states.flatMap(({ name, state }) =>
    typeof state === 'object' && state ? [`${name}: ${state.why}`] : [],
  );
  const commands = states
    .filter(({ state }) => state === null)
    .map(({ name }) => ({ do: 'prepare', drone: name, release }) as const);
  if (commands.length > 0) return act(commands);
  if (states.some(({ state }) => state === 'under way')) return WAIT;
  if (failed[0] !== undefined) return become('failed', failed[0]);
  if (targets.length === 0) return become('failed', 'no drone is connected');
  // The release command of a release that cannot work would be run for nothing.
  const failure = unreachable(context, release);
  if (failure) return become('failed', failure.why);
  return become(file.deploy.release && release.of === null ? 'releasing' : 'rolling');
}

function runJob({ world, fileOf }: Context, release: ReleaseRecord): Decision {
  const file = fileOf(release);
  const timeoutMs = file.deploy.release?.timeoutMs ?? 0;
  if (!release.job) {
    if (release.isCancelled) return become('cancelled');
    const drone = releaseDrone(file, world.drones);
    if (!drone) return become('failed', 'no drone is connected that the release command could run on');
    return record({ job: { drone: drone.name } });
  }
  const { job } = world;
  if (job?.state === 'ok') return become(release.isCancelled ? 'cancelled' : 'rolling');
  if (job && job.state !== 'running')
    return become('failed', `the release command ${job.why ?? 'has failed'}`);
  if (job) return WAIT;
  if (world.now - release.job.started > timeoutMs)
    return become('failed', `${release.job.drone} is lost, and how the release command ended is not known`);
  return act([{ do: 'run job', release }]);
}

function roll(context: Context, release: ReleaseRecord): Decision {
  if (release.isCancelled) return become('reverting');
  const failure = failureOf(context, release) ?? unreachable(context, release);
  if (failure) return record({ to: 'reverting', ...failure });
  const decision = advance(context, release, { isCautious: true });
  if (!decision.isSettled) return decision;
  return become(release.canary === null ? 'live' : 'canary');
}

/** Back to what served before, by the same rules. */
function revert(context: Context, release: ReleaseRecord): Decision {
  const { app, world } = context;
  const before = releaseOf(app, release.replaces);
  if (before) return revertTo(context, release, before);
  const begun = world.instances.filter((one) => one.release === release.release);
  if (begun.length === 0) return become(endOf(release), release.why);
  return act(begun.filter(isStaying).map(stopOf));
}

function revertTo(context: Context, release: ReleaseRecord, before: ReleaseRecord): Decision {
  const { app } = context;
  if (app.undecided !== null) return become(endOf(release), release.why);
  const placed = replaced(context, before);
  if (placed) return placed;
  const failure = failureOf(context, before, takenBack(context, release));
  // What is ready of the new one serves on: nothing is tried again by itself.
  if (failure) return record({ undecided: failure.why });
  const decision = advance(context, before, { isCautious: true });
  return decision.isSettled ? become(endOf(release), release.why) : decision;
}

/** Returns a test for slots in which the new instance is still there. */
function takenBack(
  { world }: Context,
  { release }: ReleaseRecord,
): (service: string, slot: number) => boolean {
  const begun = world.instances.filter((one) => one.release === release);
  const taken = new Set(begun.map(({ service, slot }) => `${service}.${slot}`));
  return (service, slot) => taken.has(`${service}.${slot}`);
}

const endOf = ({ isCancelled }: ReleaseRecord) => (isCancelled ? 'cancelled' : 'failed');

/** The placement, if this release needs another one than is recorded. */
function replaced(context: Context, release: ReleaseRecord): Decision | null {
  const { placement, homes } = context.app;
  const next = placementOf(context, release);
  return next.placement === placement && next.homes === homes ? null : record(next);
}
