import { setTimeout as sleep } from 'node:timers/promises';
import { parseAppFile } from '../../app-file/app-file.ts';
import type { AppFile } from '../../app-file/types.ts';
import { appName } from '../../protocol/app-names.ts';
import type { CheckedClientParams, ClientAnswers } from '../../protocol/client-calls.ts';
import { toWire } from '../../protocol/errors.ts';
import type { ReleasePlan } from '../../protocol/plans.ts';
import { environmentChange, sealedEnvironment } from './app-environment.ts';
import { type AppRecord, newApp, type ReleaseRecord, releaseOf } from './app-record.ts';
import type { Wanted } from './apply.ts';
import type { AppService } from './apps.ts';
import { begin } from './begin.ts';
import { busy } from './busy.ts';
import { mustBePossible, mustBeSupported, mustHaveReleaseDrone, mustHaveServices } from './demands.ts';
import type { AppParts } from './parts.ts';
import { plannedRelease } from './planned-release.ts';
import type { Source } from './source.ts';
import { statusOf } from './status.ts';
import { targetsOf } from './targets.ts';
import type { World } from './world.ts';

/** How often a build that is only wanted for itself is looked at. */
const LOOK_EVERY_MS = 100;

/** Begins a release of a commit, unless it is what is live already. See the call for what it throws. */
export async function up(
  service: AppService,
  params: CheckedClientParams['app.up'],
  by: string,
): Promise<ClientAnswers['app.up']> {
  const { apps, parts } = service;
  const source = await parts.source.read(params.repo, params.commit, params.stage);
  const file = parseAppFile(source);
  mustHaveServices(file, params.commit);
  const conductor = await apps.take(params, params.wait);
  // Another release may have begun meanwhile.
  if (await checkSignature(parts, conductor.app, file, params)) await apps.take(params, params.wait);
  const live = liveAlready(parts, conductor, source, params);
  if (live) return { live };
  return begin(
    parts,
    conductor,
    (app) => wantedBy(service, { app, world: conductor.world }, { source, file }, { ...params, by }),
    params.key,
  );
}

/** Returns what `up` would do, and changes nothing. Throws what `up` would. */
export async function planUp(
  service: AppService,
  params: CheckedClientParams['app.plan'],
  by: string,
): Promise<ReleasePlan> {
  const { apps, parts } = service;
  const source = await parts.source.read(params.repo, params.commit, params.stage);
  const file = parseAppFile(source);
  mustHaveServices(file, params.commit);
  await apps.ready;
  const conductor = apps.find(params) ?? apps.unstarted(newApp(params.repo, params.stage));
  if (conductor.underWay) throw busy(conductor, conductor.underWay);
  const { app, world } = conductor;
  await checkSignature(parts, app, file, params);
  const live = liveAlready(parts, conductor, source, params);
  if (live) return { app: appName(app), release: live.release ?? 0, steps: [], live };
  const wanted = wantedBy(service, conductor, { source, file }, { ...params, strict: false, by });
  return plannedRelease({ app, world, fileOf: parts.fileOf }, wanted);
}

/** Returns what a release of a commit is made of. Throws ECONFIG, ENODRONE or EUNSUPPORTED if it cannot work. */
function wantedBy(
  { apps, parts }: AppService,
  { app, world }: { app: AppRecord; world: World },
  { source, file }: { source: Source; file: AppFile },
  { commit, canary, rebuild, strict, by }: Pick<Wanted, 'commit' | 'canary' | 'rebuild' | 'strict' | 'by'>,
): Wanted {
  const env = sealedEnvironment(app);
  mustBeSupported(file);
  mustHaveReleaseDrone({ file, world });
  const others = apps.others(app);
  mustBePossible({ app, file, world, others, env: Object.keys(env), fileOf: parts.fileOf });
  return {
    ...{ ...source, commit, env, by, of: null, canary, rebuild, strict },
    change: environmentChange(releaseOf(app, app.live)?.env ?? {}, env, (one) => parts.vault.open(one)),
  };
}

/** Checks a commit out and builds it where the app goes, or on `only` those drones of them, without a release. */
export async function build(
  { apps, parts }: Pick<AppService, 'apps' | 'parts'>,
  { repo, stage, commit, rebuild }: CheckedClientParams['app.build'],
  only: readonly string[] | null = null,
): Promise<ClientAnswers['app.build']> {
  const source = await parts.source.read(repo, commit, stage);
  const given = parseAppFile(source);
  mustBeSupported(given);
  await checkSignature(parts, apps.find({ repo, stage })?.app, given, { repo, commit });
  const conductor = await apps.take({ repo, stage }, 0);
  const { errands, app } = conductor;
  const release = {
    ...source,
    commit,
    env: sealedEnvironment(app),
    rebuild,
    release: app.last + 1,
  } as ReleaseRecord;
  const file = parts.fileOf(release);
  const targets = targetsOf(file, conductor.world.drones).filter(({ name }) => !only || only.includes(name));
  const drones: ClientAnswers['app.build']['drones'] = {};
  await Promise.all(
    targets
      .filter(({ isConnected }) => isConnected)
      .map(async ({ name }) => {
        errands.prepare(name, release);
        const state = () => conductor.world.prepared(name, commit);
        while (state() === 'under way') await sleep(LOOK_EVERY_MS);
        const end = state();
        const why = end === null ? 'the drone is lost' : typeof end === 'object' ? end.why : null;
        drones[name] = why === null ? null : { ...toWire(null), code: 'ESPAWN', message: why };
      }),
  );
  const names = targets.filter((one) => !one.isConnected).map(({ name }) => name);
  return { drones, absent: parts.directory.lost(names) };
}

/**
 * Throws ESIGNATURE if a commit has to be signed and is not: once a release is live that wants signed commits, no other
 * takes its place. Resolves to false if it need not be.
 */
async function checkSignature(
  { source, fileOf }: AppParts,
  app: AppRecord | undefined,
  { deploy }: AppFile,
  { repo, commit }: { repo: string; commit: string },
): Promise<boolean> {
  const live = app ? releaseOf(app, app.live) : null;
  const isWanted = deploy.signed || (live !== null && fileOf(live).deploy.signed);
  if (isWanted) await source.mustBeSigned(repo, commit);
  return isWanted;
}

/** Returns the status of the live release if it is what is wanted, so that there is nothing to do; else null. */
function liveAlready(
  { fileOf, directory }: AppParts,
  { app, world }: { app: AppRecord; world: World },
  source: Source,
  { commit, force, rebuild }: Pick<CheckedClientParams['app.plan'], 'commit' | 'force' | 'rebuild'>,
) {
  const isIt = !force && !rebuild && isLiveAlready(app, commit, source, sealedEnvironment(app));
  return isIt ? statusOf(app, world, fileOf, directory) : null;
}

/** True if the live release has this commit, these files and this environment. */
function isLiveAlready(app: AppRecord, commit: string, source: Source, env: Record<string, string>): boolean {
  const live = releaseOf(app, app.live);
  if (!live || app.undecided !== null) return false;
  const isSame = live.commit === commit && live.toml === source.toml && live.procfile === source.procfile;
  return isSame && JSON.stringify(live.env) === JSON.stringify(env);
}
