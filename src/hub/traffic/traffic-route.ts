import { refuse } from '../../system/http-refusal.ts';
import { FORMATS, type Format } from '../../traffic-formats/formats.ts';
import { servicesOf } from '../../traffic-formats/services.ts';
import { limitsText } from '../access/limits.ts';
import type { Route } from '../route.ts';
import { visibleTo } from './followers.ts';
import type { Traffic } from './traffic.ts';

const TYPES: Partial<Record<Format, string>> = { json: 'application/json', prometheus: 'application/json' };

/** The instances that get requests, over HTTP: as `fleet endpoints` prints them. */
export function trafficRoute(traffic: Pick<Traffic, 'table' | 'upToDate'>): Route {
  return {
    method: 'GET',
    path: /^\/v1\/endpoints(?:\?format=(?<format>\w+))?$/,
    rights: ['read', 'proxy'],
    async serve({ who, params, response }) {
      const format = (params['format'] ?? 'prometheus') as Format;
      if (!Object.hasOwn(FORMATS, format))
        return refuse(response, 400, `not a format; there are ${Object.keys(FORMATS).join(', ')}`);
      if (who.limits?.drones)
        return refuse(response, 403, `the token '${who.name}' is ${limitsText(who.limits)}`);
      await traffic.upToDate();
      const text = FORMATS[format](servicesOf(visibleTo(who, traffic.table.apps(null))));
      response.writeHead(200, {
        'Content-Type': TYPES[format] ?? 'text/plain; charset=utf-8',
        'Content-Length': Buffer.byteLength(text),
        'Cache-Control': 'no-store',
      });
      response.end(text);
    },
  };
}
