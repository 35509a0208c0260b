import assert from 'node:assert/strict';
import { test } from 'node:test';
import { keepOf } from '../../../src/hub/audit/make-audit.ts';

const DAY_MS = 86_400_000;

test('the trail is kept for 90 days, up to 1 GiB, or as one likes', () => {
  assert.deepEqual(keepOf({}), { maxAgeMs: 90 * DAY_MS, maxBytes: 1024 ** 3 });
  assert.deepEqual(keepOf({ auditAgeMs: DAY_MS, auditBytes: 4 * 1024 ** 2 }), {
    maxAgeMs: DAY_MS,
    maxBytes: 4 * 1024 ** 2,
  });
});

test('too little is refused', () => {
  assert.throws(() => keepOf({ auditAgeMs: 0 }), { code: 'EUSAGE' });
  assert.throws(() => keepOf({ auditBytes: 1024 ** 2 }), { code: 'EUSAGE' });
});
