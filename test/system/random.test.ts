import assert from 'node:assert/strict';
import { test } from 'node:test';
import { randomBytes } from '../../src/system/random.ts';

test('no two of many are the same, in any part', () => {
  const drawn = Array.from({ length: 1_000 }, () => randomBytes(16).toString('hex'));
  assert.equal(new Set(drawn.flatMap((hex) => [hex.slice(0, 16), hex.slice(16)])).size, 2_000);
});

test('what was drawn before does not change', () => {
  const first = randomBytes(16);
  const copy = Buffer.from(first);
  for (let n = 0; n < 200; n++) randomBytes(16);
  assert.deepEqual(first, copy);
});
