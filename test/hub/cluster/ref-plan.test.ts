import assert from 'node:assert/strict';
import { test } from 'node:test';
import { refPlan } from '../../../src/hub/cluster/ref-plan.ts';

const ZERO = '0'.repeat(40);

test('refs that differ are set, others are removed, and those that are right stay', () => {
  const is = new Map([
    ['right', 'a'],
    ['old', 'b'],
    ['gone', 'c'],
  ]);
  assert.deepEqual(refPlan({ right: 'a', old: 'x', new: 'y' }, is), [
    { ref: 'gone', before: 'c', after: ZERO },
    { ref: 'old', before: 'b', after: 'x' },
    { ref: 'new', before: ZERO, after: 'y' },
  ]);
});
