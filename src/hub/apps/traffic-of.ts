import { hostsOf } from '../../app-file/host.ts';
import { BoundedMap } from '../../system/bounded-map.ts';
import type { ServiceTraffic, TrafficOf } from '../traffic/endpoints-of.ts';
import { type AppRecord, releaseOf } from './app-record.ts';
import type { AppParts } from './parts.ts';

/** Releases whose services are kept. */
const MAX_RELEASES = 1_000;

/** Returns what looks up the hosts of services, and how long they drain: `find` returns the record of an app. */
export function makeTrafficOf(
  find: (app: string) => AppRecord | undefined,
  fileOf: AppParts['fileOf'],
): TrafficOf {
  const kept = new BoundedMap<string, ReadonlyMap<string, ServiceTraffic>>(MAX_RELEASES);
  return (name, number, service) => {
    const app = find(name);
    const release = app && releaseOf(app, number);
    if (!app || !release) return null;
    const key = `${name} v${number} ${release.commit} ${release.time}`;
    const known =
      kept.get(key) ??
      new Map(
        fileOf(release).services.map(({ name, host, drainMs }) => [
          name,
          { routes: hostsOf(host, app).own, drainMs },
        ]),
      );
    kept.set(key, known);
    return known.get(service) ?? null;
  };
}
