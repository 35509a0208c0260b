import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import * as v from 'valibot';
import { ENV_NAME_PATTERN, isName, toName } from '../../src/protocol/names.ts';
import { record } from '../../src/protocol/record.ts';
import * as s from '../../src/protocol/words.ts';

/** What every object has, and what libraries take for special. */
const ODD = [...Object.getOwnPropertyNames(Object.prototype), 'prototype'];
const key = fc.oneof(fc.constantFrom(...ODD), fc.string());

test('a record keeps every key that its schema allows, whatever it is called, and refuses all others', () => {
  const anything = record(v.string(), v.number());
  const short = record(v.pipe(v.string(), v.maxLength(11)), v.number());
  fc.assert(
    fc.property(fc.array(fc.tuple(key, fc.integer())), (entries) => {
      const given: unknown = JSON.parse(JSON.stringify(Object.fromEntries(entries)));
      assert.deepEqual(entriesOf(v.parse(anything, given)), entriesOf(given));
      const isShort = entries.every(([name]) => name.length <= 11);
      assert.equal(v.is(short, given), isShort);
    }),
  );
});

const entriesOf = (given: unknown) => Object.entries(given as object).sort(([a], [b]) => (a < b ? -1 : 1));

test('a value under such a key is checked, too', () => {
  const numbers = record(v.string(), v.number());
  for (const name of ODD) {
    assert.equal(v.is(numbers, Object.fromEntries([[name, 1]])), true, name);
    assert.equal(v.is(numbers, Object.fromEntries([[name, 'one']])), false, name);
  }
});

test('variables and labels may be called as what every object has; __proto__ is refused, never dropped', () => {
  for (const name of ODD) {
    const one = Object.fromEntries([[name, 'x']]);
    assert.equal(ENV_NAME_PATTERN.test(name), name !== '__proto__');
    for (const words of [s.env, s.labels]) {
      const result = v.safeParse(words as v.GenericSchema<Record<string, string>>, one);
      if (name.startsWith('__')) assert.ok(!result.success || Object.hasOwn(result.output, name), name);
      else assert.deepEqual(result.success && Object.entries(result.output), [[name, 'x']]);
    }
  }
});

test('no repository, stage or drone is called as what every object has', () => {
  for (const name of Object.getOwnPropertyNames(Object.prototype)) {
    assert.equal(isName(name), false, name);
    assert.ok(isName(toName(name)), 'but a directory may be');
  }
  assert.ok(isName('prototype'));
});
