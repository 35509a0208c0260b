import { routeText, type ServiceEndpoints } from './services.ts';

/** Returns the instances that get requests, as JSON. */
export function jsonText(services: readonly ServiceEndpoints[]): string {
  const all = services.flatMap(({ endpoints }) => endpoints);
  const shown = all.map(({ app, service, slot, drone, id, address, port, routes, release, state }) => ({
    ...{ app, service, slot, drone, id, address, port, hosts: routes.map(routeText), release, state },
  }));
  return `${JSON.stringify(shown, null, 2)}\n`;
}
