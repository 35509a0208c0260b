import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  environmentChange,
  openedEnvironment,
  sealedEnvironment,
} from '../../../src/hub/apps/app-environment.ts';
import { makeApp } from './records.ts';

/** `VALUE#N`: each time it is sealed, a value looks different. */
const open = (sealed: string) => sealed.split('#', 1)[0] ?? '';

test('a change names what was set, what has another value now, and what was unset', () => {
  const before = { SAME: 'a#1', SEALED_ANEW: 'b#1', CHANGED: 'c#1', GONE: 'd#1' };
  const after = { SAME: 'a#1', SEALED_ANEW: 'b#2', CHANGED: 'x#2', NEW: 'e#1' };
  assert.deepEqual(environmentChange(before, after, open), {
    set: ['CHANGED', 'NEW'],
    changed: ['CHANGED'],
    unset: ['GONE'],
  });
});

test('a value is opened only if it may have changed', () => {
  assert.deepEqual(environmentChange({ A: 'a#1' }, { A: 'a#1', B: 'b#1' }, assert.fail).set, ['B']);
});

test('a variable that is called as every object has one is new all the same', () => {
  const { set, changed } = environmentChange({}, { toString: 'a#1' }, open);
  assert.deepEqual([set, changed], [['toString'], []]);
});

test('an environment is sealed at rest and opened for a process', () => {
  const env = { A: { sealed: 'a#1', time: 0, by: 'ada' } };
  assert.deepEqual(sealedEnvironment(makeApp([], { env })), { A: 'a#1' });
  assert.deepEqual(openedEnvironment({ A: 'a#1' }, { open }), { A: 'a' });
});
