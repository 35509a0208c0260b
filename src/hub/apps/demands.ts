import { hostsOf } from '../../app-file/host.ts';
import { formatSelector } from '../../app-file/selector.ts';
import type { AppFile, Service } from '../../app-file/types.ts';
import { appName, stageOption } from '../../protocol/app-names.ts';
import { FleetError } from '../../protocol/errors.ts';
import { type AppRecord, releaseOf } from './app-record.ts';
import type { AppParts } from './parts.ts';
import { mustHaveOwnPorts } from './port-demands.ts';
import { countOf, targetsOf } from './targets.ts';
import type { AppDrone, World } from './world.ts';

export interface Demand {
  app: AppRecord;
  file: AppFile;
  world: World;
  /** The other apps of the hub. */
  others: readonly AppRecord[];
  /** The names of the variables that the app has. */
  env: readonly string[];
  fileOf: AppParts['fileOf'];
}

/** What fleet.toml may ask for one day, and what to do until then. */
const NOT_YET: readonly (readonly [keyof AppFile['deploy'], string])[] = [
  ['lfs', 'fetch the files in [deploy] build, or commit them without Git LFS'],
  ['submodules', 'fetch them in [deploy] build, or commit their files'],
];

/** Throws EUNSUPPORTED if the files of a commit ask for what this hub cannot do: something else would run than what was meant. */
export function mustBeSupported({ deploy }: Pick<AppFile, 'deploy'>): void {
  const asked = NOT_YET.find(([key]) => deploy[key] === true);
  if (!asked) return;
  const [key, instead] = asked;
  throw new FleetError(
    'EUNSUPPORTED',
    `fleet.toml: deploy.${key} = true is not supported yet; leave it out: ${instead}`,
  );
}

/** Throws ECONFIG if the files of a commit name nothing to run: what is live would be stopped for it. */
export function mustHaveServices({ services }: Pick<AppFile, 'services'>, commit: string): void {
  if (services.length > 0) return;
  throw new FleetError(
    'ECONFIG',
    `${commit.slice(0, 7)} has no services; write web: COMMAND into the Procfile, or [services.web] into fleet.toml`,
  );
}

/** Throws ECONFIG or ENODRONE, saying what to do, if a release cannot work: before anything happens. */
export function mustBePossible(demand: Demand): void {
  const { app, file, world, env } = demand;
  const given = new Set([...env, ...Object.keys(file.env)]);
  const needed = file.deploy.needs.find((name) => !given.has(name));
  if (needed !== undefined) {
    const name = appName(app);
    const set = `fleet env set${stageOption(name)} ${needed}=@-`;
    throw new FleetError('ECONFIG', `${name} needs ${needed}; ${set}`);
  }
  if (!world.drones.some(({ isConnected }) => isConnected))
    throw new FleetError('ENODRONE', 'no drone is connected that could run it; start one with: fleet drone');
  for (const service of file.services)
    mustHaveDrones(app, service, targetsOf(file, world.drones, service.on), world);
  mustHaveOwnHosts(demand);
  mustHaveOwnPorts(demand);
}

/** Returns the addresses that an app's services get, as `example.com/api`, each with its service. */
function addressesOf(app: AppRecord, { services }: AppFile): Map<string, string> {
  const entries = services.flatMap(({ name, host }) =>
    hostsOf(host, app).own.map((one) => [one.path === '/' ? one.host : one.host + one.path, name] as const),
  );
  return new Map(entries);
}

function mustHaveOwnHosts({ app, file, others, fileOf }: Demand): void {
  const wanted = addressesOf(app, file);
  for (const other of others) {
    const serving = releaseOf(other, other.underWay) ?? releaseOf(other, other.live);
    if (!serving) continue;
    for (const [address, service] of addressesOf(other, fileOf(serving)))
      if (wanted.has(address))
        throw new FleetError('ECONFIG', `${address} is ${service} of ${appName(other)}`);
  }
}

function mustHaveDrones(app: AppRecord, service: Service, drones: readonly AppDrone[], world: World): void {
  const count = countOf(app, service);
  if (count === 0) return;
  const on = service.on.map(formatSelector).join(' or ');
  if (drones.length === 0) {
    const wanted = on === '' ? 'is chosen by deploy.on' : `has ${on}`;
    const known = labelsOf(world.drones);
    throw new FleetError('ENODRONE', `services.${service.name}.on: no drone ${wanted}; there are: ${known}`);
  }
  if (service.port !== null && count !== 'each' && count > drones.length) {
    const which = on === '' ? '' : ` with ${on}`;
    throw new FleetError(
      'ECONFIG',
      `${service.at}: services.${service.name}: ${count} instances on port ${service.port} need ${count} drones${which}; there are ${drones.length}`,
    );
  }
}

function labelsOf(drones: readonly AppDrone[]): string {
  const labels = drones.flatMap((one) => Object.entries(one.labels).map((label) => label.join('=')));
  return [...new Set(labels)].sort().join(', ') || 'only drones without labels';
}
