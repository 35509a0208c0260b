import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EndpointTable } from '../../../src/hub/traffic/table.ts';
import { endpoint } from './endpoint.ts';

test('only a change is a new revision, and it names the apps that have changed', () => {
  const table = new EndpointTable();
  const web = endpoint({ app: 'webapp', drone: 'web1' });
  assert.ok(table.set(new Map([['web1', [web, endpoint({ app: 'shop', drone: 'web1', id: '000002' })]]])));
  assert.ok(!table.set(new Map([['web1', [web, endpoint({ app: 'shop', drone: 'web1', id: '000002' })]]])));
  assert.equal(table.revision, 1);
  assert.deepEqual(Object.keys(table.apps(null)).sort(), ['shop', 'webapp']);

  assert.ok(table.set(new Map([['web2', [endpoint({ app: 'shop', drone: 'web2', id: '000003' })]]])));
  assert.deepEqual(
    table.apps(1)['shop']?.map(({ drone }) => drone),
    ['web1', 'web2'],
  );
  assert.deepEqual(Object.keys(table.apps(1)), ['shop']);
});

test('an app whose last endpoint is gone is told as empty, and is not in the whole table', () => {
  const table = new EndpointTable();
  table.set(new Map([['web1', [endpoint({ app: 'webapp', drone: 'web1' })]]]));
  assert.ok(table.set(new Map([['web1', []]])));
  assert.deepEqual(table.apps(1), { webapp: [] });
  assert.deepEqual(table.apps(null), {});
  assert.deepEqual(table.drones(), []);
});
