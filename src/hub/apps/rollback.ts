import { appName } from '../../protocol/app-names.ts';
import type { CheckedClientParams } from '../../protocol/client-calls.ts';
import { FleetError } from '../../protocol/errors.ts';
import { environmentChange, sealedEnvironment } from './app-environment.ts';
import { type AppRecord, NO_CHANGE, numberOf, type ReleaseRecord, releaseOf, rested } from './app-record.ts';
import { type Wanted, withRelease } from './apply.ts';
import type { AppService } from './apps.ts';
import { type Begun, begin } from './begin.ts';
import { busy } from './busy.ts';
import type { Conductor } from './conductor.ts';
import { mustBePossible } from './demands.ts';
import { mustBeServices } from './known-service.ts';
import { mustBeNew, withRequest } from './requests.ts';
import type { World } from './world.ts';

/** How long an app may take to stop until whoever waits is told that it does. */
const SETTLE_WITHIN_MS = 120_000;

/** Ends the release that is under way, or begins a new one of an earlier release. */
export async function rollback(
  service: AppService,
  params: CheckedClientParams['app.rollback'],
  by: string,
): Promise<Begun> {
  const { apps, parts } = service;
  await apps.ready;
  const conductor = apps.get(params);
  const { app, underWay } = conductor;
  if (underWay) {
    if (params.release !== null) throw busy(conductor, underWay);
    return cancel(service, conductor, underWay, params.key);
  }
  const earlier = await earlierOf(parts, app, params.release);
  return begin(
    parts,
    conductor,
    (app) => wantedAgain(service, { app, world: conductor.world }, earlier, { ...params, by }),
    params.key,
  );
}

/** Returns the release that a rollback repeats. Throws ENORELEASE if there is none, and if the hub has not its commit either. */
export async function earlierOf(
  { source }: Pick<AppService['parts'], 'source'>,
  app: AppRecord,
  release: number | null,
): Promise<ReleaseRecord> {
  const earlier = release === null ? earlierRelease(app) : releaseOf(app, release);
  if (!earlier) throw new FleetError('ENORELEASE', noRelease(app, release));
  await source.read(app.repo, earlier.commit, app.stage);
  return earlier;
}

/** Returns what a rollback makes a new release of. Throws ECONFIG or ENODRONE if it cannot work. */
export function wantedAgain(
  { apps, parts }: AppService,
  { app, world }: { app: AppRecord; world: World },
  earlier: ReleaseRecord,
  { keepEnv, by }: { keepEnv: boolean; by: string },
): Wanted {
  const env = keepEnv ? sealedEnvironment(app) : earlier.env;
  const { commit, subject, stage, toml, procfile } = earlier;
  mustBePossible({
    ...{ app, world, others: apps.others(app), env: Object.keys(env) },
    ...{ file: parts.fileOf(earlier), fileOf: parts.fileOf },
  });
  return {
    ...{ commit, subject, stage, toml, procfile, env, by, of: earlier.of ?? earlier.release },
    ...{ canary: null, rebuild: false, strict: false },
    change: environmentChange(releaseOf(app, app.live)?.env ?? {}, env, (one) => parts.vault.open(one)),
  };
}

/** Ends the release that is under way; if it has ended meanwhile, it stays what it has become. */
async function cancel(
  { parts }: AppService,
  conductor: Conductor,
  { release }: ReleaseRecord,
  key: string | undefined,
): Promise<Begun> {
  const seq = parts.lastEvent();
  await conductor.change((app) => {
    const one = app.underWay === release ? releaseOf(app, release) : null;
    if (one) conductor.errands.takeOver();
    const next = one ? withRelease(app, { ...one, isCancelled: true }) : {};
    return { next: withRequest(app, next, { key, release, isNew: false }) };
  });
  return { app: appName(conductor.app), release, seq };
}

/** Continues a canary. Throws ENORELEASE if none waits. */
export async function promote(
  { apps, parts }: AppService,
  params: CheckedClientParams['app.promote'],
): Promise<Begun> {
  const conductor = apps.get(params);
  const { release, seq } = await conductor.change((app) => {
    mustBeNew(app, params.key);
    const promoted = promotedRelease(conductor);
    const { release } = promoted;
    conductor.errands.takeOver();
    const next = withRequest(app, withRelease(app, promoted), { key: params.key, release, isNew: false });
    return { next, release, seq: parts.lastEvent() };
  });
  return { app: appName(conductor.app), release, seq };
}

/** Returns the canary of an app as it goes on. Throws ENORELEASE if none waits, EBUSY if it is not ready. */
export function promotedRelease({ app, underWay, world }: Conductor): ReleaseRecord {
  if (underWay?.state !== 'canary')
    throw new FleetError('ENORELEASE', `no canary of ${appName(app)} waits; fleet up --canary`);
  const canaries = world.instances.filter((one) => one.release === underWay.release);
  const bad = canaries.find(({ isGood }) => !isGood);
  if (bad) throw new FleetError('EBUSY', `${bad.service}.${bad.slot} is not ready: ${bad.why ?? bad.state}`);
  return { ...rested(underWay, world.now), state: 'rolling', canary: null };
}

/** Stops all services of an app. */
export async function down(
  { apps, parts }: AppService,
  params: CheckedClientParams['app.down'],
): Promise<Begun> {
  apps.get(params);
  const conductor = await apps.take(params, params.wait);
  const { release, seq } = await conductor.change((app) => {
    const { errands, telling, underWay } = conductor;
    mustBeNew(app, params.key);
    if (underWay) throw busy(conductor, underWay);
    const live = liveRelease(app);
    errands.takeOver();
    const over: ReleaseRecord = { ...live, state: 'stopped' };
    const stopped = { ...withRelease(app, over), live: null, placement: {}, homes: {}, undecided: null };
    const next = withRequest(app, stopped, { key: params.key, release: live.release, isNew: false });
    const stored = () => telling.whenSettled(() => over, SETTLE_WITHIN_MS);
    return { next, stored, release: live.release, seq: parts.lastEvent() };
  });
  return { app: appName(conductor.app), release, seq };
}

/** Returns what serves. Throws ENORELEASE if the app is down. */
export function liveRelease(app: AppRecord): ReleaseRecord {
  const live = releaseOf(app, app.live);
  if (live) return live;
  throw new FleetError('ENORELEASE', `${appName(app)} is down already; fleet up starts it`);
}

/** Replaces the instances of services, of all if none is named, as a release of the live one again. */
export async function restart(
  { apps, parts }: AppService,
  params: CheckedClientParams['app.restart'],
  by: string,
): Promise<Begun> {
  apps.get(params);
  const conductor = await apps.take(params, params.wait);
  const make = (app: AppRecord) => {
    const live = releaseOf(app, app.live);
    if (!live) throw new FleetError('ENORELEASE', `${appName(app)} is not up; fleet up starts it`);
    const file = parts.fileOf(live);
    mustBeServices(params.services, file, appName(app));
    const kept = file.services
      .map(({ name }) => name)
      .filter((name) => params.services.length > 0 && !params.services.includes(name));
    const { commit, subject, stage, toml, procfile, env } = live;
    return {
      ...{ commit, subject, stage, toml, procfile, env, by, of: live.of ?? live.release },
      keeps: Object.fromEntries(kept.map((name) => [name, numberOf(live, name)])),
      ...{ canary: null, rebuild: false, strict: false, change: NO_CHANGE },
    };
  };
  return begin(parts, conductor, make, params.key);
}

/** The newest release before the live one that was live; a rollback counts as the one that it repeats. */
function earlierRelease(app: AppRecord): ReleaseRecord | null {
  const live = releaseOf(app, app.live);
  const present = live?.of ?? live?.release ?? Number.POSITIVE_INFINITY;
  const earlier = app.releases.filter(
    (one) => one.liveAt !== null && one.of === null && one.release < present,
  );
  return earlier.at(-1) ?? null;
}

function noRelease(app: AppRecord, release: number | null): string {
  if (release === null) return `no earlier release of ${appName(app)} was live; see: fleet releases`;
  return `there is no v${release} of ${appName(app)}; see: fleet releases`;
}
