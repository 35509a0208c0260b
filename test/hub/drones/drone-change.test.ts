import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  changedDrone,
  changedDrones,
  type DroneChange,
  type KnownBefore,
  merged,
} from '../../../src/hub/drones/drone-change.ts';

const WEB1: KnownBefore = { name: 'web1', seen: 1, connected: true, labels: { zone: 'a' }, by: null };
const LOST: DroneChange = { anew: false, fields: { name: 'web1', seen: 2, connected: false } };
const LABELLED: DroneChange = { anew: false, fields: { labels: { rack: '7' } } };

test('a change has only what has changed, so that others may have changed the rest', () => {
  const labels = { zone: 'b' };
  assert.deepEqual(changedDrone({ ...WEB1, labels }, LOST), { ...WEB1, seen: 2, connected: false, labels });
  assert.deepEqual(changedDrone(undefined, LOST), LOST?.fields);
  assert.equal(changedDrone(WEB1, null), undefined);
});

test('labels alone do not bring back a drone that was forgotten', () => {
  assert.equal(changedDrone(undefined, LABELLED), undefined);
  const known = new Map([['drone.one', WEB1]]);
  assert.deepEqual([...changedDrones(known, [['drone.one', null]]).keys()], []);
  assert.deepEqual(changedDrones(known, [['drone.two', LABELLED]]), known);
});

test('what was known of a drone that was forgotten meanwhile is not there when it is back', () => {
  assert.deepEqual(changedDrone(WEB1, merged(merged(LABELLED, null), LOST)), LOST?.fields);
});

test('two changes in one do what they do one after the other', () => {
  const labels = fc.record({ labels: fc.dictionary(fc.constantFrom('a', 'b'), fc.string(), { maxKeys: 2 }) });
  const whole = fc.record({ name: fc.string(), seen: fc.nat(), connected: fc.boolean() });
  const change = fc.oneof(
    fc.constant(null),
    fc.oneof(labels, whole).map((fields) => ({ anew: false, fields })),
  );
  const known = fc.option(
    fc.tuple(whole, labels).map((parts) => Object.assign({}, ...parts)),
    { nil: undefined },
  );
  fc.assert(
    fc.property(known, fc.array(change, { minLength: 1 }), (before, changes) => {
      let apart: KnownBefore | undefined = before;
      let together: DroneChange | undefined;
      for (const one of changes) {
        // Nobody gives labels to a drone that is not known.
        fc.pre(apart !== undefined || one === null || 'name' in one.fields);
        apart = changedDrone(apart, one);
        together = merged(together, one);
        assert.deepEqual(changedDrone(before, together), apart);
      }
    }),
  );
});
