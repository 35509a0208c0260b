import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseAppFile } from '../../../src/app-file/app-file.ts';
import type { ReleaseRecord } from '../../../src/hub/apps/app-record.ts';
import { countsWhile, lostDrones } from '../../../src/hub/apps/counts.ts';
import { makeApp, makeDrone, makeInstance, makeRelease, makeWorld } from './records.ts';

const file = parseAppFile({
  toml: '[services.web]\ncommand = "web"\ncount = 2\n',
  procfile: null,
  stage: null,
});
const fileOf = () => file;
const placement = { web: { 1: 'd1', 2: 'd2' } };
const old = makeRelease(1, { state: 'live' });
const appWith = (release: ReleaseRecord, more = {}) =>
  makeApp([old, release], { placement, live: 1, ...more });
const instances = [makeInstance(1, 2), makeInstance(1, 1), makeInstance(2, 1)];

for (const [state, counts] of [
  ['rolling', { web: { ready: 1, count: 2 } }],
  ['live', { web: { ready: 1, count: 2 } }],
  ['failed', { web: { ready: 2, count: 2 } }],
  ['cancelled', { web: { ready: 2, count: 2 } }],
  ['canary', { web: { ready: 2, count: 2, canary: 1 } }],
] as const) {
  test(`while a release is ${state}, ${counts.web.ready} of 2 instances of what serves are good`, () => {
    const release = makeRelease(2, { state, replaces: 1 });
    assert.deepEqual(countsWhile(release, appWith(release), instances, fileOf), counts);
  });
}

test('what was scaled is shown beside what the file says', () => {
  const release = makeRelease(2);
  const app = appWith(release, { scale: { web: 1 } });
  assert.deepEqual(countsWhile(release, app, instances, fileOf), { web: { ready: 1, count: 1, file: 2 } });
});

test('after a first release that has failed, nothing serves', () => {
  const release = makeRelease(2, { state: 'failed' });
  assert.deepEqual(countsWhile(release, appWith(release), instances, fileOf), {});
});

test('a lost drone is named if instances of the release should run there, each once', () => {
  const release = makeRelease(2);
  const world = makeWorld([
    makeDrone('d1'),
    makeDrone('d2', { isConnected: false }),
    makeDrone('d3', { isConnected: false }),
  ]);
  assert.deepEqual(lostDrones(release, appWith(release), world, fileOf), ['d2']);
});
