import assert from 'node:assert/strict';
import { test } from 'node:test';
import { outputTo } from '../../src/cli/drone-output.ts';
import { colourOf, screenOf } from '../../src/cli/screen.ts';
import { COMMIT } from './status.ts';
import { makeIo } from './world.ts';

const LINES = `[1e99f4#webapp.${COMMIT}] a\x1b[2J [1e99f4#webapp.${COMMIT}]\n[1e99f4#a.b-c.${COMMIT}] b\n`;

test('on a terminal, a prefix has seven digits of the hash and the colour of the repository', () => {
  const io = makeIo('/', {}, true);
  assert.equal(outputTo(io.stdout, io.env)(LINES), true);
  const { paint } = screenOf(io.stdout, {});
  const [first, second] = [
    paint(colourOf('webapp'), '[1e99f4#webapp.1b8050f]'),
    paint(colourOf('a.b-c'), '[1e99f4#a.b-c.1b8050f]'),
  ];
  assert.equal(io.out, `${first} a^[[2J [1e99f4#webapp.${COMMIT}]\n${second} b\n`);
});

test('in a pipe nothing is cut or coloured', () => {
  const io = makeIo('/');
  outputTo(io.stdout, { FORCE_COLOR: '1' })(LINES);
  assert.equal(io.out, LINES);
});

test('it reports when there is no room, even when it is only asked', () => {
  let writableNeedDrain = false;
  const stream = makeIo('/').stdout;
  Object.defineProperty(stream, 'writableNeedDrain', { get: () => writableNeedDrain });
  const output = outputTo(stream, {});
  assert.equal(output(''), true);
  writableNeedDrain = true;
  assert.equal(output(''), false);
});
