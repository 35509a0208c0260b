import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EMPTY } from '../../src/rpc/frames.ts';
import { incoming } from '../../src/rpc/incoming.ts';

test('parameters are parsed when they are looked at, and not before', () => {
  assert.deepEqual(incoming('ps', '{"a":[1]}', EMPTY).params, { a: [1] });
  const broken = incoming('ps', '{"a":', EMPTY);
  assert.equal(broken.method, 'ps');
  assert.throws(() => broken.params, { code: 'EPROTOCOL' });
});
