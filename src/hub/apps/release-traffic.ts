import { hostsOf } from '../../app-file/host.ts';
import type { Service } from '../../app-file/types.ts';
import { BoundedMap } from '../../system/bounded-map.ts';
import type { ReleaseTraffic, ServiceTraffic } from '../traffic/endpoints-of.ts';
import { type AppRecord, type ReleaseRecord, releaseOf } from './app-record.ts';
import type { AppParts } from './parts.ts';

/** Releases whose services are kept. */
const MAX_RELEASES = 1_000;

/** Returns what the releases of a hub's apps say about requests; `find` returns the record of an app. */
export function releaseTraffic(
  find: (app: string) => AppRecord | undefined,
  fileOf: AppParts['fileOf'],
): ReleaseTraffic {
  const kept = new BoundedMap<string, ReadonlyMap<string, ServiceTraffic>>(MAX_RELEASES);
  const servicesOf = (name: string, app: AppRecord, release: ReleaseRecord) => {
    const key = `${name} v${release.release} ${release.commit} ${release.time}`;
    const known =
      kept.get(key) ?? new Map(fileOf(release).services.map((one) => [one.name, traffic(one, app)]));
    kept.set(key, known);
    return known;
  };
  return {
    of(name, number, service) {
      const app = find(name);
      const release = app && releaseOf(app, number);
      return (release && servicesOf(name, app, release).get(service)) ?? null;
    },
    ofApp(name) {
      const app = find(name);
      const live = app && releaseOf(app, app.live);
      if (!live) return { services: [], maintenance: null };
      const services = [...servicesOf(name, app, live)].flatMap(([service, { routes }]) =>
        routes.length === 0 ? [] : [{ service, routes }],
      );
      return { services, maintenance: app.maintenance };
    },
  };
}

function traffic({ host, drainMs }: Pick<Service, 'host' | 'drainMs'>, app: AppRecord): ServiceTraffic {
  return { routes: hostsOf(host, app).own, drainMs };
}
