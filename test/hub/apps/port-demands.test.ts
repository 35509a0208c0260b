import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AppRecord } from '../../../src/hub/apps/app-record.ts';
import { mustHaveOwnPorts } from '../../../src/hub/apps/port-demands.ts';
import { makeApp, makeDrone, makeRelease, makeWorld } from './records.ts';
import { fileOf } from './simulated-app.ts';

const service = (name: string, text: string) => `[services.${name}]\ncommand = "x"\n${text}\n`;

/** Why an app with this fleet.toml is refused on two drones; null if it is not. */
function refusal(toml: string, app: Partial<AppRecord> = {}, others: AppRecord[] = []): string | null {
  const world = makeWorld([makeDrone('d1'), makeDrone('d2')]);
  try {
    mustHaveOwnPorts({ app: makeApp([], app), file: fileOf({ toml }), world, others, env: [], fileOf });
    return null;
  } catch (error) {
    return (error as Error).message;
  }
}

test('services of an app may have the same port on different drones', () => {
  const both = (web: string, api: string) =>
    service('web', `port = 80\n${web}`) + service('api', `port = 80\n${api}`);
  const why = 'port 80 is that of services.web too, and no other drone is left for it';
  assert.equal(refusal(both('', '')), null);
  assert.equal(refusal(both('count = 2', 'count = 0')), null);
  assert.equal(refusal(both('count = 2', '')), `fleet.toml:5: services.api: ${why}`);
  assert.equal(refusal(both('', 'count = "each"')), `fleet.toml:5: services.api: ${why}`);
  assert.equal(refusal(both('on = ["d1"]', 'on = ["d1"]')), `fleet.toml:5: services.api: ${why}`);
  assert.equal(refusal(both('count = 3', 'count = 0')), null, 'too few drones are said elsewhere');
});

test('a port that another app has on the same drone is refused', () => {
  const release = makeRelease(1, { state: 'live', toml: service('web', 'port = 80') });
  const shop = { ...makeApp([release], { live: 1, placement: { web: { 1: 'd2' } } }), repo: 'shop' };
  const why = 'fleet.toml:1: services.api: port 80 is web of shop on d2';
  assert.equal(refusal(service('api', 'port = 80\ncount = "each"'), {}, [shop]), why);
  assert.equal(refusal(service('api', 'port = 80\non = ["d1"]'), {}, [shop]), null, 'another drone');
  assert.equal(refusal(service('api', 'port = 81\ncount = 2'), {}, [shop]), null, 'another port');
  assert.equal(
    refusal(service('api', 'port = 80\ncount = 2'), {}, [{ ...shop, live: null }]),
    null,
    'it is down',
  );
});
