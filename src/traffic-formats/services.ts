import { type AppTraffic, type Endpoint, type Route, serving } from '../protocol/endpoints.ts';

/** A service that gets requests, with the instances that get them; there may be none. */
export interface ServiceEndpoints {
  app: string;
  service: string;
  routes: Route[];
  endpoints: Endpoint[];
}

/** Returns the services of all apps: those of the live releases, and those that have an instance. */
export function servicesOf(apps: Readonly<Record<string, AppTraffic>>): ServiceEndpoints[] {
  return Object.entries(apps).flatMap(([app, { endpoints, services }]) => {
    const names = [...services, ...endpoints].map(({ service }) => service);
    return [...new Set(names)].map((service) => {
      const own = endpoints.filter((one) => one.service === service);
      const live = services.filter((one) => one.service === service);
      return { app, service, routes: routesOf([...live, ...own]), endpoints: serving(own) };
    });
  });
}

function routesOf(all: readonly { routes: Route[] }[]): Route[] {
  const routes = all.flatMap((one) => one.routes);
  return [...new Map(routes.map((route) => [routeText(route), route])).values()];
}

/** Returns a host and path as fleet.toml has it. */
export function routeText({ host, path }: Route): string {
  return path === '/' ? host : host + path;
}

/** Returns where an endpoint is reached, as `10.0.0.5:20000`; null if it is not from here. */
export function targetOf({ address, port }: Pick<Endpoint, 'address' | 'port'>): string | null {
  if (address === null) return null;
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}

/** Returns the targets of those endpoints that can be reached. */
export function targetsOf(endpoints: readonly Endpoint[]): string[] {
  return endpoints.map(targetOf).filter((target) => target !== null);
}

/** A host and path, and who has it. */
export interface Place extends ServiceEndpoints {
  route: Route;
}

/** Returns the places of all services, in the order in which a request is compared with them: as `fleet proxy` does. */
export function placesOf(services: readonly ServiceEndpoints[]): Place[] {
  const places = services.flatMap((one) => one.routes.map((route) => ({ ...one, route })));
  return places.sort(({ route: a }, { route: b }) => {
    const wildcards = Number(a.host.startsWith('*')) - Number(b.host.startsWith('*'));
    const [labelsA, labelsB] = [a.host.split('.').length, b.host.split('.').length];
    return (
      wildcards ||
      (a.host.startsWith('*') ? labelsB - labelsA : 0) ||
      (a.host < b.host ? -1 : a.host > b.host ? 1 : b.path.length - a.path.length)
    );
  });
}
