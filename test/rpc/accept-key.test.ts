import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { acceptOf, sha1 } from '../../src/rpc/accept-key.ts';

test('a key is accepted as the example in RFC 6455 says', () => {
  assert.equal(acceptOf('dGhlIHNhbXBsZSBub25jZQ=='), 's3pPLMBiTxaQ9kYGzzhZRbK+xOo=');
});

test('it is the SHA-1 that node has, for every length of two blocks', () => {
  for (let length = 0; length < 140; length++) {
    const bytes = Buffer.alloc(length, `${length} bytes \xff`);
    assert.deepEqual(sha1(bytes), createHash('sha1').update(bytes).digest(), String(length));
  }
});
