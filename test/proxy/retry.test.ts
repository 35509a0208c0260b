import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mayRetry } from '../../src/proxy/retry.ts';

const get = { method: 'GET', hasBody: false, isUnsent: false, sent: 1 };

test('what was not sent may go elsewhere, whatever it is', () => {
  assert.ok(mayRetry({ method: 'POST', hasBody: true, isUnsent: true, sent: 0 }));
  assert.ok(mayRetry({ method: 'POST', hasBody: true, isUnsent: true, sent: 5 }));
});

test('what was sent may go elsewhere once, if it changes nothing and has no body', () => {
  assert.ok(mayRetry(get));
  assert.ok(mayRetry({ ...get, method: 'HEAD' }));
  assert.ok(!mayRetry({ ...get, sent: 2 }));
  assert.ok(!mayRetry({ ...get, hasBody: true }));
  for (const method of ['POST', 'PUT', 'PATCH', 'DELETE']) assert.ok(!mayRetry({ ...get, method }), method);
});
