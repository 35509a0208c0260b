import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Batch } from '../../src/system/batch.ts';

test('it is done once for all who ask in one turn, and again for those who ask later', async () => {
  let done = 0;
  const batch = new Batch(() => void done++);
  const first = [batch.soon(), batch.soon(), batch.soon()];
  assert.deepEqual([done, batch.isDue], [0, true]);
  await Promise.all(first);
  assert.deepEqual([done, batch.isDue], [1, false]);
  await batch.soon();
  assert.equal(done, 2);
});

test('what it throws is for all who have asked, and not for those who ask later', async () => {
  let fails = true;
  const batch = new Batch(() => {
    if (fails) throw new Error('the disk is full');
  });
  for (const one of await Promise.allSettled([batch.soon(), batch.soon()]))
    assert.equal(one.status, 'rejected');
  fails = false;
  await batch.soon();
});

test('if it was done meanwhile, it is not done again', async () => {
  let done = 0;
  const batch = new Batch(() => void done++);
  const asked = batch.soon();
  batch.done();
  await asked;
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(done, 0);
});
