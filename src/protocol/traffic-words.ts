import * as v from 'valibot';
import * as a from './app-words.ts';
import * as c from './certificate-words.ts';
import { check } from './check.ts';
import type { AppTraffic } from './endpoints.ts';
import { list } from './list.ts';
import { record } from './record.ts';
import * as s from './words.ts';

// The words of traffic; see words.ts.

/** A host name or an IP address. */
export const address = v.pipe(
  v.string(),
  v.maxLength(253),
  v.regex(/^[A-Za-z0-9][A-Za-z0-9.:%_-]*$|^::[0-9A-Fa-f:.]+$/, 'is not an address'),
  v.title('address'),
);

const route = v.pipe(
  v.object({ host: v.pipe(v.string(), v.maxLength(300)), path: s.path }),
  v.title('route'),
);

const routes = list(route, 1000);

const endpoint = v.pipe(
  v.object({
    ...{ app: a.app, service: a.service, slot: a.slot, drone: s.name, id: s.id },
    address: v.nullable(address),
    port: a.port,
    routes,
    release: a.release,
    state: v.pipe(v.string(), v.regex(/^[a-z][a-z-]{0,30}$/)),
    drainMs: s.milliseconds,
  }),
  v.title('endpoint'),
);

/** By app. */
export const apps = record(
  a.app,
  v.pipe(
    v.object({
      endpoints: list(endpoint, 100_000),
      services: v.optional(list(v.object({ service: a.service, routes }), 1000), []),
      maintenance: v.optional(a.page, null),
      certificates: v.exactOptional(list(c.facts, 1000)),
      challenges: v.exactOptional(list(c.challenge, 100)),
    }),
    v.title('traffic'),
  ),
);

/** Returns the traffic of apps, as it was kept in a file. Throws EPROTOCOL if it is not that. */
export function parseTraffic(given: unknown): Record<string, AppTraffic> {
  return check(apps, given, 'the traffic of apps');
}
