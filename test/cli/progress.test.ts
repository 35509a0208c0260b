import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Progress } from '../../src/cli/progress.ts';
import { makeIo } from './world.ts';

const ERASE = '\r\x1b[K';

test('progress appears after a second, on one line that is erased at the end', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const io = makeIo('/', {}, true);
  const progress = new Progress(io.stderr);
  progress.show('pushing');
  t.mock.timers.tick(999);
  const quiet = io.err;
  t.mock.timers.tick(1);
  progress.show('1 of 2');
  progress.clear();
  progress.clear();
  assert.deepEqual([quiet, io.err], ['', `${ERASE}pushing${ERASE}1 of 2${ERASE}`]);
});

test('quick work shows nothing, and a pipe gets nothing', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  for (const [isTTY, ms] of [
    [true, 500],
    [false, 5000],
  ] as const) {
    const io = makeIo('/', {}, isTTY);
    const progress = new Progress(io.stderr);
    progress.show('pushing');
    t.mock.timers.tick(ms);
    progress.clear();
    t.mock.timers.tick(5000);
    assert.equal(io.err, '');
  }
});

test('a line is cut at the width of the terminal', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const io = makeIo('/', {}, true);
  const progress = new Progress(Object.assign(io.stderr, { columns: 21 }));
  progress.show('x'.repeat(100));
  t.mock.timers.tick(1000);
  progress.clear();
  assert.equal(io.err, `${ERASE}${'x'.repeat(20)}${ERASE}`);
});
