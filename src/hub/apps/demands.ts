import { hostsOf } from '../../app-file/host.ts';
import { formatSelector, type Selector } from '../../app-file/selector.ts';
import type { AppFile, Service } from '../../app-file/types.ts';
import { appName, stageOption } from '../../protocol/app-names.ts';
import { FleetError } from '../../protocol/errors.ts';
import { type AppRecord, releaseOf } from './app-record.ts';
import type { Demand } from './demand.ts';
import { mustHaveOwnPorts } from './port-demands.ts';
import { countOf, targetsOf } from './targets.ts';
import type { AppDrone } from './world.ts';

/** What fleet.toml may ask for one day, and what to do until then. */
const NOT_YET: readonly (readonly [keyof AppFile['deploy']['lines'], string])[] = [
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
    `${deploy.lines[key]}: deploy.${key} = true is not supported yet; leave it out: ${instead}`,
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
  for (const service of file.services) mustHaveDrones(demand, service);
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

/** Throws ENODRONE if a commit has a release command and no drone that it may run on. A rollback runs none. */
export function mustHaveReleaseDrone({ file, world }: Pick<Demand, 'file' | 'world'>): void {
  const on = file.deploy.release?.on ?? [];
  if (on.length > 0) mustBeThere('deploy.release.on', file, on, world.drones);
}

function mustHaveDrones({ app, file, world }: Demand, service: Service): void {
  const count = countOf(app, service);
  if (count === 0) return;
  mustBeThere(`services.${service.name}.on`, file, service.on, world.drones);
  const drones = targetsOf(file, world.drones, service.on);
  if (service.port !== null && count !== 'each' && count > drones.length) {
    const which = service.on.length === 0 ? '' : ` with ${service.on.map(formatSelector).join(' or ')}`;
    throw new FleetError(
      'ECONFIG',
      `${service.at}: services.${service.name}: ${count} instances on port ${service.port} need ${count} drones${which}; there are ${drones.length}`,
    );
  }
}

function mustBeThere(key: string, file: AppFile, on: readonly Selector[], drones: readonly AppDrone[]): void {
  if (targetsOf(file, drones, on).length > 0) return;
  const wanted = on.length === 0 ? 'is chosen by deploy.on' : `has ${on.map(formatSelector).join(' or ')}`;
  const known = knownAs(drones, on.length === 0 ? file.deploy.on : on);
  throw new FleetError('ENODRONE', `${key}: no drone ${wanted}; there are: ${known}`);
}

/** Returns the names or the labels of drones, as selectors ask for them. */
function knownAs(drones: readonly AppDrone[], on: readonly Selector[]): string {
  const terms = on.flat();
  const names = terms.some((term) => 'name' in term) ? drones.map(({ name }) => name) : [];
  const labels = terms.some((term) => 'label' in term)
    ? drones.flatMap((one) => Object.entries(one.labels).map((label) => label.join('=')))
    : [];
  return [...new Set([...names.sort(), ...labels.sort()])].join(', ') || 'only drones without labels';
}
