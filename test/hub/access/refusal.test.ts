import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isRefusal } from '../../../src/hub/access/refusal.ts';
import { OWNER } from '../../fixtures/principal.ts';

test('a refusal is told from whoever was let in', () => {
  assert.equal(isRefusal({ status: 401, message: 'wrong secret' }), true);
  assert.equal(isRefusal(OWNER), false);
});
