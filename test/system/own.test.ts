import assert from 'node:assert/strict';
import { test } from 'node:test';
import { own } from '../../src/system/own.ts';

test('what every object has under a name is not in a table', () => {
  const table: Record<string, number> = { a: 1 };
  assert.equal(own(table, 'a'), 1);
  for (const name of ['b', 'constructor', 'toString', '__proto__'])
    assert.equal(own(table, name), undefined, name);
});
