import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { visible, visibleJson, visibleLine } from '../../src/system/visible.ts';

test('visible text contains nothing that a terminal would obey', () => {
  const cases: [string, string][] = [
    ['plain ünïcode 🚀\ttab', 'plain ünïcode 🚀\ttab'],
    ['\x1b]0;title\x07', '^[]0;title^G'],
    ['\x1b[2J\x1b[31mred', '^[[2J^[[31mred'],
    ['over\rwritten', 'over^Mwritten'],
    ['dos line\r\nnext\r', 'dos line\nnext'],
    ['a\u202etxt.exe \u2066b\u2069 \u200f', 'a\\u202etxt.exe \\u2066b\\u2069 \\u200f'],
    ['\x9b31m \x7f \x00 \x85', '\\x9b31m ^? ^@ \\x85'],
  ];
  for (const [text, shown] of cases) assert.equal(visible(text), shown);
  assert.equal(visibleLine('a\nb'), 'a\\nb');
});

test('whatever a text contains, nothing is left of it that a terminal would obey, and JSON means the same', () => {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what it looks for
  const OBEYED = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/;
  const text = fc.string({ unit: 'binary' });
  const odd = fc.constantFrom('\x1b', '\x9b', '\x7f', '\u202e', '\u2067', '\r', '\n');
  fc.assert(
    fc.property(fc.array(fc.oneof(text, odd)), (parts) => {
      const all = parts.join('');
      assert.doesNotMatch(visible(all), OBEYED);
      assert.doesNotMatch(visibleJson({ line: all }), OBEYED);
      assert.deepEqual(JSON.parse(visibleJson({ line: all })), { line: all });
    }),
  );
});
