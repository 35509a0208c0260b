import assert from 'node:assert/strict';
import { test } from 'node:test';
import { visible, visibleLine } from '../../src/cli/visible.ts';

test('visible text contains nothing that a terminal would obey', () => {
  const cases: [string, string][] = [
    ['plain ünïcode 🚀\ttab', 'plain ünïcode 🚀\ttab'],
    ['\x1b]0;title\x07', '^[]0;title^G'],
    ['\x1b[2J\x1b[31mred', '^[[2J^[[31mred'],
    ['over\rwritten', 'over^Mwritten'],
    ['dos line\r\nnext\r', 'dos line\nnext'],
    ['\x9b31m \x7f \x00 \x85', '\\x9b31m ^? ^@ \\x85'],
  ];
  for (const [text, shown] of cases) assert.equal(visible(text), shown);
  assert.equal(visibleLine('a\nb'), 'a\\nb');
});
