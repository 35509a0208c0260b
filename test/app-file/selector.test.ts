import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { formatSelector, globMatches, matches, parseSelector } from '../../src/app-file/selector.ts';

test('a drone is selected by its name, or by all of the labels', () => {
  const drone = { name: 'web1', labels: { role: 'web', zone: 'a' } };
  const cases: [string, boolean][] = [
    ['web1', true],
    ['web', false],
    ['web*', true],
    ['*', true],
    ['role=web', true],
    ['role=db', false],
    ['role=web, zone=a', true],
    ['role=web,zone=b', false],
    ['web*,zone=a', true],
    ['constructor=x', false],
  ];
  for (const [text, selected] of cases) assert.equal(matches(parseSelector(text), drone), selected, text);
});

test('a selector is printed as it was written', () => {
  for (const text of ['web*', 'role=web,zone=a', 'a,b=c=d'])
    assert.equal(formatSelector(parseSelector(text)), text);
});

test('* in a name matches any text, as .* does in a regular expression', () => {
  const word = fc.string({ unit: fc.constantFrom('a', 'b', '*'), maxLength: 6 });
  const name = fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 8 });
  fc.assert(
    fc.property(word, name, (pattern, text) => {
      assert.equal(globMatches(pattern, text), new RegExp(`^${pattern.replaceAll('*', '.*')}$`).test(text));
    }),
    { numRuns: 2000 },
  );
});
