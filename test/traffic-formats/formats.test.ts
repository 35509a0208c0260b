import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AppTraffic } from '../../src/protocol/endpoints.ts';
import { FORMATS, type Format } from '../../src/traffic-formats/formats.ts';
import { servicesOf } from '../../src/traffic-formats/services.ts';
import { endpoint } from '../fixtures/endpoint.ts';

const site = [{ host: 'example.com', path: '/' }];
const api = [
  { host: 'example.com', path: '/api' },
  { host: '*.example.com', path: '/' },
];
const APPS: Record<string, AppTraffic> = {
  webapp: {
    services: [
      { service: 'api', routes: api },
      { service: 'web', routes: site },
    ],
    endpoints: [
      endpoint({ slot: 1, id: '000001', address: '10.0.0.5' }),
      endpoint({ slot: 2, id: '000002', address: 'fd00::6', drone: 'web2', port: 20_001 }),
      endpoint({ slot: 3, id: '000003', address: '10.0.0.7', state: 'leaving' }),
      endpoint({ slot: 4, id: '000004', address: null }),
    ],
  },
  'webapp@pr-12': {
    services: [],
    endpoints: [
      endpoint({
        ...{ app: 'webapp@pr-12', id: '000005', address: '10.0.0.5', port: 20_005, release: 3 },
        routes: [{ host: 'pr-12.example.com', path: '/' }],
      }),
    ],
  },
};
const written = (format: Format, apps = APPS) => FORMATS[format](servicesOf(apps));

test('nginx gets an upstream for each service, also for one without instances, and which of them has a request', () => {
  assert.equal(
    written('nginx'),
    `upstream webapp.api {
    least_conn;
    server 127.0.0.1:1 down;
    keepalive 64;
}

upstream webapp.web {
    least_conn;
    server 10.0.0.5:20000;
    server [fd00::6]:20001;
    keepalive 64;
}

upstream webapp--pr-12.web {
    least_conn;
    server 10.0.0.5:20005;
    keepalive 64;
}

map $host$uri $fleet_upstream {
    default "";
    "~^example\\.com/api(/|$)" webapp.api;
    "~^example\\.com/" webapp.web;
    "~^pr-12\\.example\\.com/" webapp--pr-12.web;
    "~^[^/]+\\.example\\.com/" webapp.api;
}
`,
  );
});

test('caddy gets a site for each host', () => {
  assert.equal(
    written('caddy'),
    `example.com {
	@0 path /api /api/*
	handle @0 {
		respond 503
	}
	handle {
		reverse_proxy 10.0.0.5:20000 [fd00::6]:20001 {
			lb_policy least_conn
		}
	}
}

pr-12.example.com {
	handle {
		reverse_proxy 10.0.0.5:20005 {
			lb_policy least_conn
		}
	}
}

*.example.com {
	handle {
		respond 503
	}
}
`,
  );
});

test('prometheus gets a target for each instance that can be reached', () => {
  const groups = JSON.parse(written('prometheus')) as { targets: string[]; labels: Record<string, string> }[];
  assert.deepEqual(
    groups.map(({ targets }) => targets),
    [['10.0.0.5:20000'], ['[fd00::6]:20001'], ['10.0.0.5:20005']],
  );
  assert.deepEqual(groups[2]?.labels, {
    ...{ app: 'webapp@pr-12', service: 'web', slot: '1', drone: 'web1', release: 'v3' },
  });
});

test('nobody at all is a file, too', () => {
  assert.deepEqual(
    (Object.keys(FORMATS) as Format[]).map((format) => written(format, {})),
    ['', '[]\n', 'map $host$uri $fleet_upstream {\n    default "";\n}\n', '', '[]\n'],
  );
});

test('in text, an address that cannot be reached is a question mark', () => {
  assert.match(
    written('text'),
    /^webapp {8}web\.4 {2}web1#000004 {2}\?:20000 {10}v1 {2}ready {2}example\.com$/m,
  );
});
