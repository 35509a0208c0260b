import assert from 'node:assert/strict';
import { test } from 'node:test';
import { endText, markLine } from '../../src/cli/exit-text.ts';

for (const [exit, text] of [
  [{ code: 0, signal: null }, 'exited'],
  [{ code: 7, signal: null }, 'exited 7'],
  [{ code: null, signal: 'SIGKILL' }, 'exited SIGKILL'],
  [{ code: 0, signal: null, error: 'left pid 7' }, 'exited, left pid 7'],
  [{ code: null, signal: null, error: 'no such file' }, 'not started: no such file'],
  [{ code: null, signal: null }, 'exited, status unknown'],
] as const) {
  test(`how a process has ended: ${text}`, () => {
    assert.equal(endText(exit), text);
  });
}

test('a line about a process has the form of exec', () => {
  assert.equal(markLine({ drone: 'web1', id: '1e99f4' }, 'exited 7'), '(web1#1e99f4 exited 7)');
});
