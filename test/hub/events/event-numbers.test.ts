import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EventNumbers, storedNumbers } from '../../../src/hub/events/event-numbers.ts';
import { FileStore } from '../../../src/hub/store/file-store.ts';
import { temporaryFolder } from '../../fixtures/temporary-folder.ts';

test('each number is one higher than the last, and reserved before it is used; few numbers cost a write', () => {
  const reserved: number[] = [];
  const numbers = new EventNumbers(0, (upTo) => reserved.push(upTo));
  for (let n = 1; n <= 100_000; n++) {
    assert.equal(numbers.next(), n);
    assert.ok((reserved.at(-1) ?? 0) >= n);
  }
  assert.ok(reserved.length <= 20, `${reserved.length} writes`);
});

test('after a restart, no number is used twice, however many were used before it', () => {
  for (const used of [1, 4_999, 5_001, 9_999, 25_000]) {
    let onDisk = 0;
    const before = new EventNumbers(0, (upTo) => {
      onDisk = upTo;
    });
    for (let n = 0; n < used; n++) before.next();
    const after = new EventNumbers(onDisk, () => {});
    assert.ok(after.next() > before.last, `after ${used}`);
  }
});

test('the next hub in a directory goes on with higher numbers', async (t) => {
  const dir = temporaryFolder(t);
  let last = 0;
  for (let n = 0; n < 3; n++) {
    const store = new FileStore(dir, assert.fail);
    const numbers = await storedNumbers(store, assert.fail);
    const next = numbers.next();
    assert.ok(next > last, `${next}`);
    last = next;
    // As after a kill, nothing is waited for but what was begun.
    await new Promise((resolve) => store.watch('events', resolve));
    await store.close();
  }
});
