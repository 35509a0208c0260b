import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as v from 'valibot';
import { check } from '../../src/protocol/check.ts';

test('what has another shape is an error that says whose, where, and why', () => {
  const schema = v.object({ a: v.object({ b: v.number() }) });
  assert.deepEqual(check(schema, { a: { b: 1, c: 2 } }, 'spawn'), { a: { b: 1 } });
  assert.throws(() => check(schema, { a: { b: 'x' } }, 'spawn'), {
    code: 'EPROTOCOL',
    message: /^spawn: a\.b: .*number/,
  });
  assert.throws(() => check(schema, null, 'spawn'), { code: 'EPROTOCOL', message: /^spawn: / });
});
