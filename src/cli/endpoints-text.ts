import type { Endpoint, Route } from '../protocol/endpoints.ts';
import { serving } from '../protocol/endpoints.ts';

/** Returns the endpoints that get requests, of all services. */
export function servingOfAll(endpoints: readonly Endpoint[]): Endpoint[] {
  return [...byService(endpoints).values()].flatMap((ofOne) => serving(ofOne));
}

/** Groups endpoints by app and service, in their order. */
export function byService(endpoints: readonly Endpoint[]): Map<string, Endpoint[]> {
  const services = new Map<string, Endpoint[]>();
  for (const one of endpoints) {
    const key = `${one.app} ${one.service}`;
    services.set(key, [...(services.get(key) ?? []), one]);
  }
  return services;
}

/** Returns a host and path as fleet.toml has it. */
export function routeText({ host, path }: Route): string {
  return path === '/' ? host : host + path;
}

/** Returns where an endpoint is reached, as `10.0.0.5:20000`. */
export function addressText({ address, port }: Pick<Endpoint, 'address' | 'port'>): string {
  if (address === null) return `?:${port}`;
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}

/** Returns a line for each endpoint. */
export function endpointLines(endpoints: readonly Endpoint[]): string[] {
  const rows = endpoints.map((one) => [
    one.app,
    `${one.service}.${one.slot}`,
    `${one.drone}#${one.id}`,
    addressText(one),
    `v${one.release}`,
    one.state,
    one.routes.map(routeText).join(' '),
  ]);
  const widths = [0, 1, 2, 3, 4, 5].map((column) =>
    Math.max(0, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}

/** Returns what `endpoints --format=json` prints. */
export function endpointsJson(endpoints: readonly Endpoint[]) {
  return endpoints.map(({ app, service, slot, drone, id, address, port, routes, release, state }) => ({
    ...{ app, service, slot, drone, id, address, port, hosts: routes.map(routeText), release, state },
  }));
}
