import assert from 'node:assert/strict';
import { test } from 'node:test';
import { followHub } from '../../src/client/follow-endpoints.ts';

test('a hub that is away leaves nothing behind each time that it is dialled', {
  timeout: 20_000,
}, async () => {
  const over = new AbortController();
  const { signal } = over;
  let listeners = 0;
  let most = 0;
  let dialled = 0;
  const add = signal.addEventListener.bind(signal);
  const remove = signal.removeEventListener.bind(signal);
  signal.addEventListener = (...args: Parameters<typeof add>) => {
    most = Math.max(most, ++listeners);
    // One for each connection that is tried, and one for each wait.
    if (++dialled === 12) over.abort();
    add(...args);
  };
  signal.removeEventListener = (...args: Parameters<typeof remove>) => {
    listeners--;
    remove(...args);
  };
  let troubles = 0;
  await followHub({ hub: '127.0.0.1:1', secret: 'x' }, { signal, changed() {}, trouble: () => troubles++ });
  assert.ok(most <= 2, `${most} listeners`);
  assert.equal(troubles, 1, 'it is said once');
});
