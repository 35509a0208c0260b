import { placesOf, type ServiceEndpoints, targetsOf } from './services.ts';

/** Idle connections that each of nginx' workers keeps, per service. */
const KEPT = 64;

/**
 * Returns a file that nginx includes in its `http` block: an `upstream` for each service, and `$fleet_upstream`, which is
 * the name of the one that a request goes to, or empty.
 */
export function nginxText(services: readonly ServiceEndpoints[]): string {
  const upstreams = services.map((one) => {
    const servers = targetsOf(one.endpoints).map((target) => `    server ${target};`);
    // nginx takes no upstream without a server.
    const lines = servers.length > 0 ? servers : ['    server 127.0.0.1:1 down;'];
    return [`upstream ${nameOf(one)} {`, '    least_conn;', ...lines, `    keepalive ${KEPT};`, '}', ''].join(
      '\n',
    );
  });
  const places = placesOf(services).map((place) => `    "~${pattern(place.route)}" ${nameOf(place)};`);
  return [...upstreams, 'map $host$uri $fleet_upstream {', '    default "";', ...places, '}', ''].join('\n');
}

/** `webapp.web`, or `webapp--pr-12.web` of a stage: `@` is not part of a name there. */
function nameOf({ app, service }: ServiceEndpoints): string {
  return `${app.replace('@', '--')}.${service}`;
}

function pattern({ host, path }: { host: string; path: string }): string {
  const name = host.startsWith('*') ? `[^/]+${literal(host.slice(1))}` : literal(host);
  return `^${name}${path === '/' ? '/' : `${literal(path)}(/|$)`}`;
}

const literal = (text: string) => text.replace(/[\\^$.*+?()[\]{}|"]/g, '\\$&');
