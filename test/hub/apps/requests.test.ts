import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mustBeNew, requestOf, withRequest } from '../../../src/hub/apps/requests.ts';
import { makeApp, makeRelease } from './records.ts';

const app = makeApp([makeRelease(1, { state: 'live' })], { live: 1 });
const done = { ...app, ...withRequest(app, {}, { key: 'a', release: 1, isNew: true }) };

test('a request that was carried out is known by its key, and not made again', () => {
  assert.deepEqual(requestOf(done, 'a'), { key: 'a', release: 1, isNew: true });
  assert.throws(() => mustBeNew(done, 'a'), { code: 'EBUSY' });
  for (const key of ['b', undefined]) {
    assert.equal(requestOf(done, key), null);
    mustBeNew(done, key);
  }
  assert.equal(requestOf(undefined, 'a'), null);
});

test('one without a key is not kept, and of many the last ones are', () => {
  assert.deepEqual(withRequest(app, { live: 2 }, { key: undefined, release: 2, isNew: true }), { live: 2 });
  let next = app;
  for (let n = 0; n < 60; n++)
    next = { ...next, ...withRequest(next, {}, { key: `k${n}`, release: n, isNew: false }) };
  assert.deepEqual([next.requests.length, next.requests[0]?.key], [50, 'k10']);
});
