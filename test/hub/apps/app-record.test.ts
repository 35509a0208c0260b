import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as v from 'valibot';
import { appSchema, isKept, newApp, numberOf, releaseOf } from '../../../src/hub/apps/app-record.ts';
import { makeApp, makeRelease } from './records.ts';

test('the instances of a service that a release does not restart keep the number of the earlier one', () => {
  const release = makeRelease(5, { keeps: { worker: 3 } });
  assert.deepEqual([numberOf(release, 'web'), numberOf(release, 'worker')], [5, 3]);
  assert.deepEqual([isKept(release, 'worker'), isKept(release, 'toString')], [true, false]);
  assert.equal(numberOf(release, 'toString'), 5);
});

test('a release is found by its number, if it is remembered', () => {
  const app = makeApp([makeRelease(1), makeRelease(2)]);
  assert.equal(releaseOf(app, 2), app.releases[1]);
  assert.equal(releaseOf(app, 3), null);
  assert.equal(releaseOf(app, null), null);
});

test('a record is read as it was written', () => {
  const app = makeApp([makeRelease(1, { job: { key: 'k', id: 'i', drone: 'd', started: 1 } })], { live: 1 });
  assert.deepEqual(v.parse(appSchema, JSON.parse(JSON.stringify(app))), app);
  assert.deepEqual(v.parse(appSchema, newApp('webapp', null)), newApp('webapp', null));
});

test('what another version has left out has a default, and what it has added is kept', () => {
  const least = {
    repo: 'webapp',
    last: 2,
    releases: [{ release: 2, commit: 'c', state: 'live', wind: 'west' }],
  };
  const read = v.parse(appSchema, { ...least, weather: 'fine', scale: 'much' });
  const { releases, ...app } = newApp('webapp', null);
  assert.deepEqual({ ...read, releases: [] }, { ...app, last: 2, releases: [], weather: 'fine' });
  const { by, subject, ...rest } = makeRelease(2, { commit: 'c', state: 'live' });
  assert.deepEqual(read.releases, [{ ...rest, by: '', subject: '', wind: 'west' }]);
  assert.deepEqual(releases, []);
});
