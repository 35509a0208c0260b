import assert from 'node:assert/strict';
import { test } from 'node:test';
import { closest, colourOf, paintFor, visible, visibleLine } from '../../src/cli/text.ts';

test('nothing that a terminal would obey is left in visible text', () => {
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

test('colours are for a person at a terminal who has not declined them', () => {
  assert.equal(paintFor({ isTTY: true }, {})('red', 'x'), '\x1b[31mx\x1b[0m');
  assert.equal(paintFor({}, {})('red', 'x'), 'x');
  assert.equal(paintFor({ isTTY: true }, { NO_COLOR: '1' })('red', 'x'), 'x');
  assert.equal(paintFor({ isTTY: true }, { TERM: 'dumb' })('red', 'x'), 'x');
});

test('a process keeps its colour', () => {
  assert.equal(colourOf('1e99f4'), colourOf('1e99f4'));
  assert.notEqual(colourOf('000001'), colourOf('000002'));
});

test('the closest word is found where one is close', () => {
  const known = ['deploy', 'drone', 'exec', 'ps', 'spawn', 'stop'];
  const cases: [string, string | undefined][] = [
    ['deplyo', 'deploy'],
    ['spwan', 'spawn'],
    ['stopp', 'stop'],
    ['pss', 'ps'],
    ['nope', undefined],
    ['xyzzy', undefined],
  ];
  for (const [word, meant] of cases) assert.equal(closest(word, known), meant, word);
});
