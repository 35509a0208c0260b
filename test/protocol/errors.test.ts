import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as v from 'valibot';
import { check } from '../../src/protocol/check.ts';
import { FleetError, fromWire, messageOf, stackOf, toWire } from '../../src/protocol/errors.ts';

test("a FleetError is sent with its code, and a bug of fleet's own is EINTERNAL", () => {
  assert.deepEqual(toWire(new FleetError('EIO', 'the disk is full')), {
    code: 'EIO',
    message: 'the disk is full',
  });
  const bug = { code: 'EINTERNAL', message: 'internal error: x is not a function' };
  assert.deepEqual(toWire(new TypeError('x is not a function\n  at once')), bug);
  assert.deepEqual(toWire('thrown'), { code: 'EINTERNAL', message: 'internal error: thrown' });
});

test('an unknown code, from a newer peer, becomes EPROTOCOL', () => {
  assert.equal(fromWire({ code: 'EIO', message: '' }).code, 'EIO');
  for (const code of ['ENEW', '', 'constructor', '__proto__'])
    assert.equal(fromWire({ code, message: 'why' }).code, 'EPROTOCOL', code);
});

test('any thrown value becomes one line, and its origin is kept', () => {
  assert.equal(messageOf(new Error('  one\ntwo')), 'one');
  assert.equal(messageOf(undefined), 'undefined');
  assert.match(stackOf(new Error('x')), /errors\.test\.ts/);
  assert.equal(stackOf('x'), 'x');
});

test('what a peer sent is rebuilt from the schema, and the error names what is wrong with it', () => {
  const schema = v.object({ a: v.object({ b: v.number() }), c: v.optional(v.string(), 'd') });
  assert.deepEqual(check(schema, { a: { b: 1, x: 2 }, y: 3 }, 'call'), { a: { b: 1 }, c: 'd' });
  assert.throws(() => check(schema, { a: { b: '1' } }, 'call'), {
    code: 'EPROTOCOL',
    message: /^call: a\.b: /,
  });
  assert.throws(
    () => check(schema, 'x'.repeat(10_000), 'call'),
    (error: Error) => error.message.length <= 300,
  );
});
