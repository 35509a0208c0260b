import assert from 'node:assert/strict';
import { test } from 'node:test';
import { progressText, summaryText } from '../../src/cli/deploy-text.ts';

test('progress is the share and size of what was pushed, and then the number of drones', () => {
  const push = { phase: 'push', done: 9, total: 20 } as const;
  assert.equal(progressText({ ...push, done: 0, total: 1 }), 'pushing to the hub');
  assert.equal(progressText(push), 'pushing to the hub: 45%');
  assert.equal(progressText({ ...push, bytes: 254 }), 'pushing to the hub: 45%');
  assert.equal(progressText({ ...push, bytes: 1_572_864 }), 'pushing to the hub: 45%, 1.5 MiB');
  assert.equal(progressText({ phase: 'drones', done: 1, total: 3 }), '1 of 3 drones have it');
});

test('the summary names the drones, a few of many, and the time', () => {
  assert.equal(summaryText(['web1', 'web2'], true, 640), 'to web1, web2 (0.6 s)');
  assert.equal(summaryText(['web1'], false, 95), 'to web1 (0.1 s, already at the hub)');
  const many = Array.from({ length: 20 }, (_, n) => `d${n}`);
  assert.equal(summaryText(many, true, 2000), 'to d0, d1, d2, d3, d4, d5, d6, d7, 12 more (2.0 s)');
  assert.equal(summaryText(many.slice(0, 9), true, 2000), 'to d0, d1, d2, d3, d4, d5, d6, d7, d8 (2.0 s)');
});
