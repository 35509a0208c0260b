import { parseAppFile } from '../../app-file/app-file.ts';
import type { AppFile, Service } from '../../app-file/types.ts';
import { appName } from '../../protocol/app-names.ts';
import type { CheckedClientParams } from '../../protocol/client-calls.ts';
import { FleetError, messageOf } from '../../protocol/errors.ts';
import { ORDER_TIMEOUT_MS } from '../../protocol/limits.ts';
import type { CheckedOrderParams } from '../../protocol/orders.ts';
import { openedEnvironment, sealedEnvironment } from './app-environment.ts';
import { newApp, releaseOf } from './app-record.ts';
import type { AppService } from './apps.ts';
import { mustBeServices } from './known-service.ts';
import { preparationOrder } from './order-specs.ts';
import type { Source } from './source.ts';
import { targetsOf } from './targets.ts';
import type { World } from './world.ts';

/** What a command of an app is run with. */
export interface Run {
  drone: string;
  commit: string;
  env: Record<string, string>;
  cwd: string | null;
  app: NonNullable<CheckedOrderParams['exec.start']['app']>;
  /** Why the checkout is not prepared, though it should be; null if it is, or if nothing was released yet. */
  why: string | null;
}

/** The release whose checkout and environment a command has. */
interface Chosen extends Source {
  commit: string;
  /** Null if it was not released. */
  release: number | null;
  env: Record<string, string>;
  /** False before anything is live: then what keeps it from that may be just what the command is for. */
  isPrepared: boolean;
}

/**
 * Returns where a command of an app runs, and with what, after making the checkout ready. A drone that was named is
 * taken also if its checkout cannot be prepared. Throws EUSAGE, ENORELEASE, ENODRONE, ENOCOMMIT, ECONFIG, ESPAWN.
 */
export async function planRun(service: AppService, params: CheckedClientParams['app.run']): Promise<Run> {
  const { apps, parts } = service;
  await apps.ready;
  const conductor = apps.find(params) ?? apps.unstarted(newApp(params.repo, params.stage));
  const chosen = await choose(service, params);
  const file = parseAppFile(chosen);
  const one = params.service === null ? null : serviceOf(file, params.service, appName(params));
  const drone = droneFor(file, one, conductor.world, params);
  const env = openedEnvironment(chosen.env, parts.vault);
  const { release, commit } = chosen;
  const { orders, features } = parts.directory.connection(drone);
  if (!features.has('app-execs'))
    throw new FleetError(
      'ESPAWN',
      `${drone} runs fleet ${features.version}, which cannot do that; upgrade it`,
    );
  let why: string | null = null;
  if (chosen.isPrepared) {
    const preparation = preparationOrder({
      app: appName(params),
      file,
      env,
      release: { commit, rebuild: false },
    });
    why = await orders.call('prepare', preparation, { timeout: ORDER_TIMEOUT_MS }).then(
      ({ result }) => result.why,
      (error: unknown) => messageOf(error),
    );
    if (why !== null && params.drones === null) throw new FleetError('ESPAWN', why);
  }
  const named: Record<string, string> = one ? { SERVICE: one.name } : {};
  return {
    ...{ drone, commit, why, cwd: one?.dir ?? null },
    env: { ...named, ...file.env, ...one?.env, ...env, ...params.env },
    app: {
      app: appName(params),
      release,
      user: file.deploy.user,
      prepared: chosen.isPrepared && why === null,
    },
  };
}

/** Returns the variables of an app's environment for a process that is not the app's own. Throws ECONFIG, ENOCOMMIT. */
export async function appEnvironment(
  { apps, parts }: AppService,
  named: { repo: string; stage: string | null; commit: string },
): Promise<Record<string, string>> {
  await apps.ready;
  const record = apps.find(named)?.app ?? newApp(named.repo, named.stage);
  const file = parseAppFile(await parts.source.read(named.repo, named.commit, named.stage));
  const env = openedEnvironment(sealedEnvironment(record), parts.vault);
  return { APP: appName(named), ...file.env, ...env };
}

/** Chooses the commit that was asked for, else the live release, else the newest release, else what was deployed last. */
async function choose({ apps, parts }: AppService, params: CheckedClientParams['app.run']): Promise<Chosen> {
  const { repo, stage } = params;
  const app = apps.find(params)?.app;
  const live = app && releaseOf(app, app.live);
  const newest = live ?? app?.releases.at(-1);
  if (params.commit === null && newest) return { ...newest, isPrepared: live !== null };
  const commit = params.commit ?? parts.newestDeployed(repo);
  if (commit === null)
    throw new FleetError('ENORELEASE', `there is no app ${appName(params)} yet; fleet up releases it`);
  const source = await parts.source.read(repo, commit, stage);
  const env = app ? sealedEnvironment(app) : {};
  return { ...source, commit, env, release: null, isPrepared: params.commit !== null };
}

function serviceOf({ services }: AppFile, name: string, app: string): Service {
  mustBeServices([name], { services }, app);
  return services.find((one) => one.name === name) as Service;
}

/** Returns the drone that was named, else one where the app runs, else the first one that it may run on. */
function droneFor(
  file: AppFile,
  service: Service | null,
  { drones, instances }: World,
  params: CheckedClientParams['app.run'],
): string {
  if (params.drones !== null) {
    const [name, ...more] = params.drones;
    if (name !== undefined && more.length === 0) return name;
    throw new FleetError('EUSAGE', `run is for a single drone; these are: ${params.drones.join(', ')}`);
  }
  const targets = targetsOf(file, drones, service?.on).filter(({ isConnected }) => isConnected);
  const runs = ({ name }: { name: string }) =>
    instances.some((one) => one.drone === name && (service === null || one.service === service.name));
  const drone = targets.find(runs) ?? targets[0];
  if (drone) return drone.name;
  throw new FleetError(
    'ENODRONE',
    `no drone that ${appName(params)} may run on is connected; fleet drones lists them`,
  );
}
