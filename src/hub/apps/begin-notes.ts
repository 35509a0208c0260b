import { formatHost, hostsOf } from '../../app-file/host.ts';
import type { AppFile } from '../../app-file/types.ts';
import type { AppRecord, ReleaseRecord } from './app-record.ts';
import { countOf, targetsOf } from './targets.ts';
import type { World } from './world.ts';

/** Returns what whoever begins a release should know: a line for each thing that is not as its fleet.toml says. */
export function beginNotes(
  app: AppRecord,
  { keeps }: Pick<ReleaseRecord, 'keeps'>,
  file: AppFile,
  { drones }: World,
): string[] {
  const kept = Object.keys(keeps).map((service) => `${service} is not restarted`);
  const scaled = file.services
    .filter(({ name }) => Object.hasOwn(app.scale, name))
    .map((service) => `${service.name} ${countOf(app, service)} (scaled; fleet.toml: ${service.count})`);
  const lost = targetsOf(file, drones).filter(({ isConnected }) => !isConnected);
  const left = file.services.flatMap(({ host }) => hostsOf(host, app).left.map(formatHost));
  return [
    ...kept,
    ...scaled,
    ...lost.map(({ name }) => `${name} is lost, and left out; it catches up when it comes back`),
    ...left.map((host) => `${host} is not for stages: it has no {app} in it`),
  ];
}
