import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { methodsMessage, offersMethods, rebuild } from '../../src/rpc/dnode-frames.ts';
import { METHODS } from '../fixtures/rpc-host.ts';

const NOTHING_ELSE = { callbacks: {}, links: [] };

test('a call and a reply are rebuilt from an id and two strings, and everything else is dropped', () => {
  const evil = {
    callbacks: { 0: ['__proto__', 'polluted'] },
    links: [{ from: [0], to: ['__proto__'] }],
    more: true,
  };
  for (const method of [0, 1]) {
    for (const id of [0, 1, Number.MAX_SAFE_INTEGER]) {
      const rebuilt = rebuild({ method, arguments: [id, 'ps', '{}'], ...evil });
      assert.deepEqual(rebuilt, { method, arguments: [id, 'ps', '{}'], ...NOTHING_ELSE });
    }
  }
});

test('anything else is not a message of the protocol', () => {
  const call = { method: 0, arguments: [1, 'ps', '{}'] };
  assert.ok(rebuild(call));
  const table: unknown[] = [
    null,
    undefined,
    0,
    'call',
    [],
    {},
    { ...call, method: 2 },
    { ...call, method: -1 },
    { ...call, method: '0' },
    { ...call, method: 'methods' },
    { ...call, method: 'constructor' },
    { ...call, method: undefined },
    { ...call, arguments: undefined },
    { ...call, arguments: { 0: 1, 1: 'ps', 2: '{}', length: 3 } },
    { ...call, arguments: [1, 'ps'] },
    { ...call, arguments: [1, 'ps', '{}', ''] },
    { ...call, arguments: [-1, 'ps', '{}'] },
    { ...call, arguments: [1.5, 'ps', '{}'] },
    { ...call, arguments: [2 ** 53, 'ps', '{}'] },
    { ...call, arguments: [Number.NaN, 'ps', '{}'] },
    { ...call, arguments: ['1', 'ps', '{}'] },
    { ...call, arguments: [null, 'ps', '{}'] },
    { ...call, arguments: [1, null, '{}'] },
    { ...call, arguments: [1, 'ps', {}] },
    { ...call, arguments: [1, ['ps'], '{}'] },
    METHODS,
  ];
  for (const message of table) assert.equal(rebuild(message), null, JSON.stringify(message));
});

test('whatever a peer sends, dnode gets a message without paths, or none', () => {
  const part = fc.oneof(fc.jsonValue(), fc.constantFrom(0, 1, 'methods', '__proto__'));
  const message = fc.record(
    { method: part, arguments: fc.array(part, { maxLength: 4 }), callbacks: part, links: part },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(fc.oneof(message, fc.jsonValue()), (given) => {
      const rebuilt = rebuild(given);
      if (rebuilt === null) return;
      const { callbacks, links } = rebuilt;
      assert.deepEqual({ callbacks, links }, NOTHING_ELSE);
      assert.ok(rebuilt.arguments.every((one) => typeof one === 'string' || typeof one === 'number'));
    }),
    { seed: 7, numRuns: 1_000 },
  );
});

test('the offer of methods is recognized by its name, and each connection has its own copy', () => {
  assert.ok(offersMethods(METHODS));
  assert.ok(offersMethods({ method: 'methods', arguments: 'whatever it says' }));
  for (const other of [null, 1, 'methods', [], {}, { method: 0 }, { method: ['methods'] }])
    assert.equal(offersMethods(other), false, JSON.stringify(other));
  const first = methodsMessage();
  first.links.push({});
  first.arguments.length = 0;
  assert.deepEqual(methodsMessage(), METHODS);
});
