import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OwnedBytes } from '../../src/rpc/owned-bytes.ts';

test('each owner may have so much, whatever others have', () => {
  const bytes = new OwnedBytes(100);
  const nobody = {};
  for (const owner of ['ci', nobody]) {
    bytes.count(owner, 60);
    assert.equal(bytes.isTooMuch(owner), false);
    bytes.count(owner, 41);
    assert.equal(bytes.isTooMuch(owner), true);
  }
  bytes.count('ci', -1);
  assert.equal(bytes.isTooMuch('ci'), false);
  assert.equal(bytes.isTooMuch(nobody), true);
  assert.equal(bytes.isTooMuch('other'), false);
});
