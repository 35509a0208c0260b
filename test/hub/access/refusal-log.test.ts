import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RefusalLog } from '../../../src/hub/access/refusal-log.ts';

test('refusals are logged one by one while they are few, and counted when they are many', () => {
  const lines: string[] = [];
  const log = new RefusalLog((line) => lines.push(line), 0);
  for (let n = 0; n < 10_000; n++) log.add(`refused ${n}`, 0);
  assert.equal(lines.length, 50);
  log.add('refused later', 10_000);
  assert.deepEqual(lines.slice(-2), ['refused 9950 more in between', 'refused later']);
  for (let n = 0; n < 10_000; n++) log.add('again', 10_000);
  assert.ok(lines.length <= 102);
});
