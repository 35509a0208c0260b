import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EXEC_WINDOW_BYTES, execWindow } from '../../src/protocol/limits.ts';

test('an exec has its whole window, until so many share one client that they would not fit', () => {
  for (const execs of [0, 1, 16]) assert.equal(execWindow(execs), EXEC_WINDOW_BYTES, `${execs} execs`);
  for (const execs of [17, 1_000, 7_777]) {
    assert.ok(execs * execWindow(execs) <= 16 * EXEC_WINDOW_BYTES, `${execs} execs`);
    assert.ok(Number.isInteger(execWindow(execs)) && execWindow(execs) > 0);
  }
});
