import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { findJsonFault } from '../../src/cli/json-position.ts';

test('a mistake in JSON is found at its line and column', () => {
  const cases: [string, number, number, RegExp][] = [
    ['{"a": x}', 1, 7, /a value should be here/],
    ['{"a": 1,}', 1, 9, /a name in double quotes/],
    ['{"a": 1\n "b": 2}', 2, 2, /',' or '}' should be here/],
    ['{\n  "a": {\n    "b', 3, 5, /this string is not ended/],
    ['{"a": [1, 2', 1, 12, /it ends where ',' or ']' should be/],
    ['{"a": 1} x', 1, 10, /the end should be here/],
    ["{'a': 1}", 1, 2, /a name in double quotes or '}'/],
    ['{"a": 01}', 1, 7, /a value should be here/],
    ['{"a" 1}', 1, 6, /':' should be here/],
    ['', 1, 1, /it ends where a value should be/],
    ['[1, ]', 1, 5, /a value should be here/],
  ];
  for (const [text, line, column, why] of cases) {
    const fault = findJsonFault(text);
    assert.ok(fault, text);
    assert.deepEqual([fault.line, fault.column], [line, column], text);
    assert.match(fault.why, why);
  }
});

test('a fault is found exactly when JSON.parse finds one', () => {
  const isJson = (text: string) => {
    try {
      JSON.parse(text);
      return true;
    } catch {
      return false;
    }
  };
  const damaged = fc
    .tuple(
      fc.json(),
      fc.nat(),
      fc.constantFrom('', '"', '{', '}', ',', '[', ':', '\\', '0', 'n', '\n', '-', '.'),
    )
    .map(([json, at, what]) => {
      const place = at % (json.length + 1);
      return json.slice(0, place) + what + json.slice(place + (what === '' ? 1 : 0));
    });
  const same = (text: string) => assert.equal(findJsonFault(text) === undefined, isJson(text), text);
  fc.assert(fc.property(fc.json(), same), { seed: 1, numRuns: 300 });
  fc.assert(fc.property(damaged, same), { seed: 2, numRuns: 2000 });
});
