import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Demand } from '../../../src/hub/apps/demand.ts';
import {
  mustBePossible,
  mustBeSupported,
  mustHaveReleaseDrone,
  mustHaveServices,
} from '../../../src/hub/apps/demands.ts';
import { makeApp, makeDrone, makeRelease, makeWorld } from './records.ts';
import { fileOf } from './simulated-app.ts';

const DRONES = [makeDrone('d1', { labels: { role: 'web' } }), makeDrone('d2', { labels: { role: 'db' } })];

function demand(toml: string, more: Partial<Demand> = {}): Demand {
  const app = makeApp([], { stage: null });
  return { app, file: fileOf({ toml }), world: makeWorld(DRONES), others: [], env: [], fileOf, ...more };
}

const web = (text: string) => `[services.web]\ncommand = "x"\n${text}`;

test('what is possible is not refused', () => {
  const table: [string, Partial<Demand>?][] = [
    [web('count = 2\nport = 8080')],
    [web('count = "each"\nport = 8080')],
    [web('on = ["role=nope"]\ncount = 0')],
    ['[deploy]\nneeds = ["A", "B"]\n[env]\nA = "1"\n', { env: ['B'] }],
  ];
  for (const [toml, more] of table) mustBePossible(demand(toml, more));
});

test('a release that cannot work is refused with what to do', () => {
  const stage = { ...makeApp([]), stage: 'pr-12' };
  const lost = makeWorld(DRONES.map((drone) => ({ ...drone, isConnected: false })));
  const bare = makeWorld([makeDrone('d1')]);
  const table: [string, Partial<Demand>, string, string][] = [
    ['[deploy]\nneeds = ["A"]', {}, 'ECONFIG', 'webapp needs A; fleet env set A=@-'],
    [
      '[deploy]\nneeds = ["A"]',
      { app: stage },
      'ECONFIG',
      'webapp@pr-12 needs A; fleet env set --as=pr-12 A=@-',
    ],
    [
      web(''),
      { world: lost },
      'ENODRONE',
      'no drone is connected that could run it; start one with: fleet drone',
    ],
    [
      web('on = ["role=jobs"]'),
      {},
      'ENODRONE',
      'services.web.on: no drone has role=jobs; there are: role=db, role=web',
    ],
    [
      web('on = ["role=jobs", "d9"]'),
      { world: bare },
      'ENODRONE',
      'services.web.on: no drone has role=jobs or d9; there are: d1',
    ],
    [
      `[deploy]\non = ["d9"]\n${web('')}`,
      { world: bare },
      'ENODRONE',
      'services.web.on: no drone is chosen by deploy.on; there are: d1',
    ],
    [
      web('count = 4\nport = 8080\non = ["role=web"]'),
      {},
      'ECONFIG',
      'fleet.toml:1: services.web: 4 instances on port 8080 need 4 drones with role=web; there are 1',
    ],
  ];
  for (const [toml, more, code, message] of table)
    assert.throws(() => mustBePossible(demand(toml, more)), { code, message });
});

test('a host belongs to one app: to the release under way, else to the live one', () => {
  const shop = (host: string) => web(`host = ["${host}"]`);
  const release = (n: number, host: string) => makeRelease(n, { toml: shop(host) });
  const other = { ...makeApp([release(1, 'a.com'), release(2, 'b.com/api')]), repo: 'shop' };
  const refused = (host: string, more: Partial<typeof other>) => {
    try {
      mustBePossible(demand(shop(host), { others: [{ ...other, ...more }] }));
      return null;
    } catch (error) {
      return (error as Error).message;
    }
  };
  assert.equal(refused('a.com', { live: 1 }), 'a.com is web of shop');
  assert.equal(refused('a.com/api', { live: 1 }), null, 'another path');
  assert.equal(refused('b.com/api', { live: 1, underWay: 2 }), 'b.com/api is web of shop');
  assert.equal(refused('a.com', { live: 1, underWay: 2 }), null);
  assert.equal(refused('a.com', {}), null, 'an app that is down has no host');
});

test('what fleet.toml asks for and is not there yet is refused, so that nothing else runs than what was meant', () => {
  for (const key of ['lfs', 'submodules']) {
    mustBeSupported(fileOf({ toml: `[deploy]\n${key} = false` }));
    const refused = () => mustBeSupported(fileOf({ toml: `[deploy]\n${key} = true` }));
    assert.throws(refused, {
      code: 'EUNSUPPORTED',
      message: new RegExp(
        `^fleet\\.toml:2: deploy\\.${key} = true is not supported yet; leave it out: [^\n]+$`,
      ),
    });
  }
});

test('a commit with nothing to run is refused, and one whose services are switched off is not', () => {
  for (const toml of ['', '[deploy]\nrelease = "true"\n']) {
    const why =
      '1b8050f has no services; write web: COMMAND into the Procfile, or [services.web] into fleet.toml';
    assert.throws(() => mustHaveServices(fileOf({ toml }), '1b8050fcaf8f1b02'), {
      code: 'ECONFIG',
      message: why,
    });
  }
  mustHaveServices(fileOf({ toml: web('count = 0') }), '1b8050fcaf8f1b02');
});

test('a release command that no drone may run is refused, and none at all is not', () => {
  const released = (on: string) => fileOf({ toml: `[deploy]\nrelease = { command = "x", on = ${on} }\n` });
  const refused = (on: string) => () =>
    mustHaveReleaseDrone({ file: released(on), world: makeWorld(DRONES) });
  assert.throws(refused('["role=jobs"]'), {
    code: 'ENODRONE',
    message: 'deploy.release.on: no drone has role=jobs; there are: role=db, role=web',
  });
  assert.throws(refused('["d9"]'), { message: 'deploy.release.on: no drone has d9; there are: d1, d2' });
  refused('["d2"]')();
  mustHaveReleaseDrone({ file: fileOf({ toml: '[deploy]\nrelease = "x"\n' }), world: makeWorld(DRONES) });
  mustHaveReleaseDrone({ file: fileOf({ toml: '' }), world: makeWorld(DRONES) });
});
