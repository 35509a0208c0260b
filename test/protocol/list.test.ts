import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as v from 'valibot';
import { list } from '../../src/protocol/list.ts';
import { record } from '../../src/protocol/record.ts';
import { env, names } from '../../src/protocol/words.ts';

test('of a list or a record that is too long, nothing is looked at', () => {
  let looks = 0;
  const item = v.custom<string>(() => ++looks > 0);
  const key = v.pipe(
    v.string(),
    v.check(() => ++looks > 0),
  );
  const long = Array.from({ length: 1_000 }, (_, n) => `k${n}`);
  assert.match(v.safeParse(list(item, 999), long).issues?.[0].message ?? '', /<=999 but received 1000/);
  const few = record(key, item, { most: 999, otherwise: 'too many' });
  const large = Object.fromEntries(long.map((name) => [name, name]));
  assert.equal(v.safeParse(few, large).issues?.[0].message, 'too many');
  assert.equal(looks, 0);
});

test('one that is as long as it may be is checked, item by item', () => {
  assert.deepEqual(v.parse(list(v.number(), 3), [1, 2, 3]), [1, 2, 3]);
  const { issues } = v.safeParse(v.object({ of: list(v.number(), 3) }), { of: [1, 'x', 3] });
  assert.equal(issues && v.getDotPath(issues[0]), 'of.1');
  for (const given of [null, 'abc', { length: 9 }]) assert.equal(v.is(list(v.number(), 3), given), false);
  const few = record(v.string(), v.number(), { most: 2, otherwise: 'too many' });
  assert.deepEqual(v.parse(few, { a: 1, b: 2 }), { a: 1, b: 2 });
});

test('a call names at most 10,000 drones, and 1,000 variables', () => {
  assert.equal(v.is(names, Array(10_000).fill('web1')), true);
  assert.equal(v.is(names, Array(10_001).fill('web1')), false);
  const variables = (count: number) =>
    Object.fromEntries(Array.from({ length: count }, (_, n) => [`V${n}`, '']));
  assert.equal(v.is(env, variables(1_000)), true);
  assert.equal(v.is(env, variables(1_001)), false);
});
