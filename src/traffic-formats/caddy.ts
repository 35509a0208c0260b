import { type Place, placesOf, type ServiceEndpoints, targetsOf } from './services.ts';

/** Returns a file that a Caddyfile imports: a site for each host. */
export function caddyText(services: readonly ServiceEndpoints[]): string {
  const places = placesOf(services);
  const hosts = [...new Set(places.map(({ route }) => route.host))];
  return hosts
    .map((host) =>
      site(
        host,
        places.filter(({ route }) => route.host === host),
      ),
    )
    .join('\n');
}

function site(host: string, places: readonly Place[]): string {
  const handlers = places.flatMap((place, n) => {
    const { path } = place.route;
    if (path === '/') return handler('handle', place);
    return [`@${n} path ${path} ${path}/*`, ...handler(`handle @${n}`, place)];
  });
  const isWhole = places.some(({ route }) => route.path === '/');
  const rest = isWhole ? [] : ['handle {', '\trespond 404', '}'];
  return [`${host} {`, ...[...handlers, ...rest].map((line) => `\t${line}`), '}', ''].join('\n');
}

function handler(opening: string, { endpoints }: Place): string[] {
  const targets = targetsOf(endpoints);
  if (targets.length === 0) return [`${opening} {`, '\trespond 503', '}'];
  return [`${opening} {`, `\treverse_proxy ${targets.join(' ')} {`, '\t\tlb_policy least_conn', '\t}', '}'];
}
