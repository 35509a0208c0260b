import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type Layer,
  mergeLayers,
  placeIn,
  procfileLayer,
  sectionsFor,
  serviceOrder,
  tomlLayers,
} from '../../src/app-file/layers.ts';

const PROCFILE = 'worker: node worker.js\nrelease: node migrate.js\nweb: node web.js\n';
const TOML = `[services.web]
count = 4
[services.10]
command = "ten"
[services.2]
command = "two"
[as."pr-*".services.web]
count = 1
[as.pr-1.env]
A = "1"
`;

/** What fleet.toml says of a stage. */
function layersFor(stage: string | null): Layer[] {
  const { file, sections } = tomlLayers(TOML);
  return [file, ...sectionsFor(sections, stage)];
}

test('sections for a stage come after the file, in its order, if their pattern matches', () => {
  const prefixes = (stage: string | null) => layersFor(stage).map(({ prefix }) => prefix.join(' '));
  assert.deepEqual(prefixes(null), ['']);
  assert.deepEqual(prefixes('pr-1'), ['', 'as pr-*', 'as pr-1']);
  assert.deepEqual(prefixes('pr-2'), ['', 'as pr-*']);
  assert.deepEqual(prefixes('staging'), ['']);
});

test('later layers win, key by key', () => {
  const says = mergeLayers([procfileLayer(PROCFILE), ...layersFor('pr-1')]);
  const web = says.services?.['web'];
  assert.equal(web?.count, 1);
  assert.ok(web?.command, 'the Procfile has its command');
  assert.deepEqual(says.env, { A: '1' });
  assert.ok(says.deploy?.release);
  assert.ok(!Object.hasOwn(says.services ?? {}, 'release'), 'it is not a service');
});

test('a key has the place of the layer that has won, or of the nearest key around it', () => {
  const place = placeIn([procfileLayer(PROCFILE), ...layersFor('pr-1')]);
  assert.equal(place.key('services', 'web', 'count').at, 'fleet.toml:8');
  assert.equal(place.key('services', 'worker', 'dir').at, 'Procfile:1');
  assert.equal(place.key('deploy', 'keep').at, 'fleet.toml:1');
});

test('services are in the order of the Procfile, then of the text of fleet.toml, also if their names are numbers', () => {
  assert.deepEqual(serviceOrder([procfileLayer(PROCFILE), ...layersFor(null)]), ['worker', 'web', '10', '2']);
});
