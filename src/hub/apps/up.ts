import { setTimeout as sleep } from 'node:timers/promises';
import { parseAppFile } from '../../app-file/app-file.ts';
import type { AppFile } from '../../app-file/types.ts';
import { appName } from '../../protocol/app-names.ts';
import type { CheckedClientParams, ClientAnswers } from '../../protocol/client-calls.ts';
import { toWire } from '../../protocol/errors.ts';
import { environmentChange, sealedEnvironment } from './app-environment.ts';
import { type AppRecord, newApp, type ReleaseRecord, releaseOf } from './app-record.ts';
import type { AppService } from './apps.ts';
import { mustBePossible, mustBeSupported, mustHaveReleaseDrone, mustHaveServices } from './demands.ts';
import type { AppParts } from './parts.ts';
import { plannedSteps } from './planned-steps.ts';
import type { Source } from './source.ts';
import { statusOf } from './status.ts';
import { targetsOf } from './targets.ts';

/** How often a build that is only wanted for itself is looked at. */
const LOOK_EVERY_MS = 100;

/** Begins a release of a commit, unless it is what is live already. See the call for what it throws. */
export async function up(
  { apps, parts }: AppService,
  params: CheckedClientParams['app.up'],
  by: string,
): Promise<ClientAnswers['app.up']> {
  const source = await parts.source.read(params.repo, params.commit, params.stage);
  const file = parseAppFile(source);
  mustHaveServices(file, params.commit);
  const conductor = await apps.take(params, params.wait);
  // Another release may have begun meanwhile.
  if (await checkSignature(parts, conductor.app, file, params)) await apps.take(params, params.wait);
  const { app, world } = conductor;
  if (!params.force && !params.rebuild && isLiveAlready(app, params.commit, source, sealedEnvironment(app)))
    return { live: statusOf(app, world, parts.fileOf, parts.directory) };
  mustBeSupported(file);
  mustHaveReleaseDrone({ file, world });
  const { canary, rebuild, strict, commit } = params;
  return apps.begin(conductor, (app) => {
    const env = sealedEnvironment(app);
    const { world } = conductor;
    mustBePossible({
      app,
      file,
      world,
      others: apps.others(app),
      env: Object.keys(env),
      fileOf: parts.fileOf,
    });
    return {
      ...{ ...source, commit, env, by, of: null, canary, rebuild, strict },
      change: environmentChange(releaseOf(app, app.live)?.env ?? {}, env, (one) => parts.vault.open(one)),
    };
  });
}

/** Returns what `up` would do, and changes nothing. */
export async function plan(
  { apps, parts }: AppService,
  params: CheckedClientParams['app.plan'],
): Promise<ClientAnswers['app.plan']> {
  const source = await parts.source.read(params.repo, params.commit, params.stage);
  await apps.ready;
  const conductor = apps.find(params);
  const app = conductor?.app ?? newApp(params.repo, params.stage);
  const world = (conductor ?? apps.unstarted(app)).world;
  const env = Object.keys(app.env);
  const file = parseAppFile(source);
  mustHaveServices(file, params.commit);
  await checkSignature(parts, app, file, params);
  mustBeSupported(file);
  mustBePossible({ app, file, world, others: apps.others(app), env, fileOf: parts.fileOf });
  mustHaveReleaseDrone({ file, world });
  const steps = plannedSteps(app, file, world);
  return { app: appName(app), release: app.last + 1, steps };
}

/** Checks a commit out and builds it where the app goes, or on `only` those drones of them, without a release. */
export async function build(
  { apps, parts }: AppService,
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

/** True if the live release has this commit, these files and this environment. */
function isLiveAlready(app: AppRecord, commit: string, source: Source, env: Record<string, string>): boolean {
  const live = releaseOf(app, app.live);
  if (!live || app.undecided !== null) return false;
  const isSame = live.commit === commit && live.toml === source.toml && live.procfile === source.procfile;
  return isSame && JSON.stringify(live.env) === JSON.stringify(env);
}
