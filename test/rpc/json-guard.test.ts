import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { isMostlyStrings, isShallow, parseShallow } from '../../src/rpc/json-guard.ts';

/** How deep a value is, found the slow way. */
function depthOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  return 1 + Math.max(0, ...Object.values(value).map(depthOf));
}

test('the depth of JSON is found without parsing it', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 8 }), (value) => {
      const text = JSON.stringify(value);
      const depth = depthOf(value);
      assert.ok(isShallow(text, depth));
      if (depth > 0) assert.ok(!isShallow(text, depth - 1));
    }),
    { seed: 7 },
  );
  assert.ok(!isShallow('['.repeat(4_000_000), 20));
  assert.ok(isShallow(`"${'['.repeat(1000)}"`, 0));
  assert.ok(isShallow('"\\"[[[[\\\\"', 0));
  assert.ok(isShallow('"never ends [[[', 0));
});

test('characters outside of strings are counted without parsing', () => {
  fc.assert(
    fc.property(fc.array(fc.string(), { maxLength: 20 }), (strings) => {
      const text = JSON.stringify(strings);
      const outside = strings.length === 0 ? 2 : strings.length + 1;
      assert.ok(isMostlyStrings(text, outside));
      assert.ok(!isMostlyStrings(text, outside - 1));
    }),
    { seed: 7 },
  );
  assert.ok(!isMostlyStrings('1,'.repeat(2_000_000), 200));
  assert.ok(!isMostlyStrings('"",'.repeat(1_000_000), 200));
});

test('parameters are parsed, and refused if they are not JSON or nested too deeply', () => {
  assert.deepEqual(parseShallow('{"a":[1]}'), { a: [1] });
  for (const text of ['', '{', 'undefined', '{}{}'])
    assert.throws(
      () => parseShallow(text),
      { code: 'EPROTOCOL', message: 'the parameters are not JSON' },
      text,
    );
  const deep = (levels: number, length: number) =>
    `${'['.repeat(levels)}"${'x'.repeat(length)}"${']'.repeat(levels)}`;
  assert.ok(parseShallow(deep(20, 20_000)));
  assert.throws(() => parseShallow(deep(21, 20_000)), { code: 'EPROTOCOL', message: /too deep/ });
  assert.ok(parseShallow(deep(1_000, 10)), 'a small one costs nothing');
});
