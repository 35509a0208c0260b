import assert from 'node:assert/strict';
import { test } from 'node:test';
import { byGroup, groupKey } from '../../../src/hub/store/groups.ts';
import { parseKey } from '../../../src/hub/store/keys.ts';

test('a name is always in the same of some dozens of records, each of which has about as many', () => {
  assert.equal(groupKey('drones', 'abc'), groupKey('drones', 'abc'));
  const groups = byGroup(
    'drones',
    Array.from({ length: 6_400 }, (_, n) => [`i${n}`, n] as const),
  );
  assert.equal(groups.size, 64);
  for (const [key, named] of groups) {
    assert.equal(parseKey(key).kind, 'drones');
    assert.ok(named.length > 50 && named.length < 200, `${key} has ${named.length}`);
    for (const [name] of named) assert.equal(groupKey('drones', name), key);
  }
});

test('there may be fewer records of a kind whose parts are small', () => {
  const names = Array.from({ length: 800 }, (_, n) => `web${n}`);
  const keys = new Set(names.map((name) => groupKey('drone-names', name, 8)));
  assert.deepEqual(
    [...keys].sort(),
    [0, 1, 2, 3, 4, 5, 6, 7].map((n) => `drone-names.${n}`),
  );
});
