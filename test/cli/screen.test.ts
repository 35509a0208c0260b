import assert from 'node:assert/strict';
import { test } from 'node:test';
import { colourOf, PLAIN, screenOf } from '../../src/cli/screen.ts';

test('only a person at a terminal gets colours, unless they opted out', () => {
  const painted = (isTTY: boolean, env: NodeJS.ProcessEnv) => screenOf({ isTTY }, env).paint('red', 'x');
  assert.equal(painted(true, {}), '\x1b[31mx\x1b[0m');
  assert.equal(painted(true, { NO_COLOR: '1' }), 'x');
  assert.equal(painted(true, { TERM: 'dumb' }), 'x');
  assert.equal(painted(false, { FORCE_COLOR: '1', CLICOLOR_FORCE: '1' }), 'x');
});

test('text is made safe for a terminal, coloured or not, and left alone for a program', () => {
  const text = 'a\x1b[2J\nb';
  for (const env of [{}, { NO_COLOR: '1' }]) {
    const { safe, safeLine } = screenOf({ isTTY: true }, env);
    assert.deepEqual([safe(text), safeLine(text)], ['a^[[2J\nb', 'a^[[2J\\nb']);
  }
  assert.deepEqual([PLAIN.safe(text), PLAIN.safeLine(text)], [text, text]);
  assert.equal(screenOf({}, {}), PLAIN);
});

test('a drone keeps its colour, which is never red', () => {
  const names = Array.from({ length: 200 }, (_, n) => `web${n}`);
  const colours = new Set(names.map(colourOf));
  assert.equal(colourOf('web1'), colourOf('web1'));
  assert.deepEqual([...colours].sort(), ['blue', 'cyan', 'green', 'magenta', 'yellow']);
});
