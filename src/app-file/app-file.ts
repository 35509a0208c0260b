import { FleetError } from '../protocol/errors.ts';
import { own } from '../system/own.ts';
import { toDeploy } from './deploy.ts';
import { formatHost } from './host.ts';
import {
  checkSections,
  type Layer,
  mergeLayers,
  placeIn,
  procfileLayer,
  sectionsFor,
  serviceOrder,
  tomlLayers,
} from './layers.ts';
import { formatPath, type Place } from './place.ts';
import { toService } from './service.ts';
import type { AppFile, Service } from './types.ts';

/** Of each file. */
const MAX_CHARACTERS = 200_000;

/** The files of a commit, as far as it has them. */
export interface AppFileSource {
  procfile: string | null;
  toml: string | null;
  /** The word behind `--as`. */
  stage: string | null;
}

/**
 * Returns what both files say, fleet.toml over the Procfile, and its sections for the stage over both; later sections
 * win. Throws ECONFIG, with the file and line, for the first mistake.
 */
export function parseAppFile({ procfile, toml, stage }: AppFileSource): AppFile {
  checkLength('Procfile', procfile);
  checkLength('fleet.toml', toml);
  const layers: Layer[] = [];
  if (procfile !== null) layers.push(procfileLayer(procfile));
  if (toml !== null) {
    const { file, sections } = tomlLayers(toml);
    layers.push(file);
    checkSections(sections, layers);
    layers.push(...sectionsFor(sections, stage));
  }
  const place = placeIn(layers);
  const { deploy = {}, env = {}, services: given = {} } = mergeLayers(layers);
  const names = serviceOrder(layers);
  const services = names.map((name) =>
    toService(
      name,
      own(given, name) ?? {},
      place.key('services', name),
      names.filter((one) => one !== name),
    ),
  );
  checkHosts(services, place);
  return {
    deploy: toDeploy(deploy, place.key('deploy')),
    env,
    services: stage === null ? services : ofStage(services, layers),
  };
}

function checkLength(file: string, text: string | null): void {
  if ((text?.length ?? 0) <= MAX_CHARACTERS) return;
  throw new FleetError('ECONFIG', `${file}:1: the file is longer than ${MAX_CHARACTERS} characters`);
}

function checkHosts(services: readonly Service[], place: Place): void {
  const owners = new Map<string, string>();
  for (const { name, host } of services) {
    for (const [index, one] of host.entries()) {
      const where = formatHost(one);
      const owner = owners.get(where);
      if (owner !== undefined) {
        throw place
          .key('services', name, 'host', String(index))
          .error(`is ${where}, which ${formatPath(['services', owner])} has already`);
      }
      owners.set(where, name);
    }
  }
}

/** A stage has one instance of each service, unless its own sections say otherwise. What is switched off stays so. */
function ofStage(services: readonly Service[], layers: readonly Layer[]): Service[] {
  const own = mergeLayers(layers.filter(({ prefix }) => prefix.length > 0)).services ?? {};
  return services.map((service) =>
    own[service.name]?.count !== undefined || service.count === 0 ? service : { ...service, count: 1 },
  );
}
