import assert from 'node:assert/strict';
import { test } from 'node:test';
import { monotonicMs } from '../../src/system/monotonic.ts';

test('milliseconds pass as on the clock that node has for measuring', async () => {
  const read = () => [performance.now(), monotonicMs(), performance.now()] as const;
  const [before, began, after] = read();
  await new Promise((resolve) => setTimeout(resolve, 5));
  const [earliest, ended, latest] = read();
  assert.ok(ended - began > earliest - after - 0.01);
  assert.ok(ended - began < latest - before + 0.01);
});
