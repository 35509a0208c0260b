import assert from 'node:assert/strict';
import { test } from 'node:test';
import { within } from '../../src/system/within.ts';

test('what is in time is passed on, whatever it is; what is not, is late', async (t) => {
  assert.equal(await within(Promise.resolve(1), 1_000, null), 1);
  await assert.rejects(within(Promise.reject(new Error('no')), 1_000, null), /no/);
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const late = within(new Promise(() => {}), 1_000, 'late');
  t.mock.timers.tick(1_000);
  assert.equal(await late, 'late');
});
