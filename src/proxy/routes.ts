import { type AppTraffic, type Endpoint, type Route, serving } from '../protocol/endpoints.ts';

/** Where the requests for a host, below one path of it, go. */
export interface Destination {
  path: string;
  app: string;
  service: string;
  /** With what requests are answered instead; null if they are not. */
  maintenance: string | null;
  /** Those that get them; empty if the service has none at the moment. */
  endpoints: Endpoint[];
}

/** By host, in lower case; the longest path first. A host may begin with `*.`. */
export type Routes = ReadonlyMap<string, readonly Destination[]>;

/** Returns where requests go, by what a hub says of the traffic of all apps. */
export function routesOf(apps: Readonly<Record<string, AppTraffic>>): Routes {
  const all = new Map<string, Map<string, Destination>>();
  const at = ({ host, path }: Route, app: string, service: string) => {
    const paths = all.get(host) ?? new Map<string, Destination>();
    all.set(host, paths);
    const found = paths.get(path) ?? {
      ...{ path, app, service, endpoints: [] },
      maintenance: apps[app]?.maintenance ?? null,
    };
    paths.set(path, found);
    // A hub gives a host and path to one service only. Should two have it, the first one keeps it.
    return found.app === app && found.service === service ? found : null;
  };
  for (const [app, { endpoints, services }] of Object.entries(apps)) {
    for (const { service, routes } of services) for (const route of routes) at(route, app, service);
    for (const one of endpoints)
      for (const route of one.routes) at(route, app, one.service)?.endpoints.push(one);
  }
  return new Map([...all].map(([host, paths]) => [host, [...paths.values()].map(served).sort(longestFirst)]));
}

function served({ endpoints, ...more }: Destination): Destination {
  return { ...more, endpoints: serving(endpoints.filter(({ address }) => address !== null)) };
}

const longestFirst = (a: Destination, b: Destination) => b.path.length - a.path.length;

/**
 * Returns where a request goes; null if no service has its host and path. The host itself goes before `*.` and its parent
 * domains, which stand for any number of labels, and a longer path before a shorter one.
 */
export function findDestination(routes: Routes, host: string, path: string): Destination | null {
  for (const name of namesOf(host)) {
    const found = routes.get(name)?.find((one) => isBelow(path, one.path));
    if (found) return found;
  }
  return null;
}

/** Returns the names under which a host may be listed: `a.b.c`, `*.b.c`, `*.c`. */
export function namesOf(host: string): string[] {
  const names = [host];
  for (let dot = host.indexOf('.'); dot !== -1; dot = host.indexOf('.', dot + 1))
    names.push(`*${host.slice(dot)}`);
  return names;
}

function isBelow(path: string, parent: string): boolean {
  if (parent === '/') return true;
  return path.startsWith(parent) && (path.length === parent.length || path[parent.length] === '/');
}
