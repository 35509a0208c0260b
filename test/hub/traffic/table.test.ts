import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AppFacts } from '../../../src/hub/traffic/endpoints-of.ts';
import { EndpointTable } from '../../../src/hub/traffic/table.ts';
import type { Endpoint, ServedService } from '../../../src/protocol/endpoints.ts';
import { endpoint } from '../../fixtures/endpoint.ts';

const drones = (entries: Record<string, Endpoint[]>) => ({
  drones: new Map(Object.entries(entries)),
  apps: new Map<string, AppFacts>(),
});
const services = (app: string, ...some: ServedService[]) => ({
  drones: new Map<string, Endpoint[]>(),
  apps: new Map([[app, { services: some, maintenance: null }]]),
});
const WEB: ServedService = { service: 'web', routes: [{ host: 'example.com', path: '/' }] };

test('only a change is a new revision, and it names the apps that have changed', () => {
  const table = new EndpointTable();
  const both = () => drones({ web1: [endpoint({ app: 'webapp' }), endpoint({ app: 'shop', id: '000002' })] });
  assert.ok(table.set(both()));
  assert.ok(!table.set(both()));
  assert.equal(table.revision, 1);
  assert.deepEqual(Object.keys(table.apps(null)).sort(), ['shop', 'webapp']);

  assert.ok(table.set(drones({ web2: [endpoint({ app: 'shop', drone: 'web2', id: '000003' })] })));
  assert.deepEqual(
    table.apps(1)['shop']?.endpoints.map(({ drone }) => drone),
    ['web1', 'web2'],
  );
  assert.deepEqual(Object.keys(table.apps(1)), ['shop']);
});

test('the services of an app are known while it has no endpoint', () => {
  const table = new EndpointTable();
  assert.ok(table.set(services('webapp', WEB)));
  assert.ok(!table.set(services('webapp', WEB)));
  table.set(drones({ web1: [endpoint({ app: 'webapp' })] }));
  table.set(drones({ web1: [] }));
  assert.deepEqual(table.apps(null), { webapp: { endpoints: [], services: [WEB], maintenance: null } });
});

test('an app that has nothing any more is told as empty, and is not in the whole table', () => {
  const table = new EndpointTable();
  table.set(services('webapp', WEB));
  assert.ok(table.set(services('webapp')));
  assert.deepEqual(table.apps(1), { webapp: { endpoints: [], services: [], maintenance: null } });
  assert.deepEqual(table.apps(null), {});
  assert.deepEqual(table.drones(), []);
});

test('maintenance is a change like any', () => {
  const table = new EndpointTable();
  table.set(services('webapp', WEB));
  const facts = { services: [WEB], maintenance: 'back soon' };
  assert.ok(table.set({ drones: new Map(), apps: new Map([['webapp', facts]]) }));
  assert.deepEqual(table.apps(1), { webapp: { endpoints: [], ...facts } });
  assert.ok(!table.set({ drones: new Map(), apps: new Map([['webapp', { ...facts }]]) }));
});
