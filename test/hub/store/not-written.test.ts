import assert from 'node:assert/strict';
import { test } from 'node:test';
import { notWritten } from '../../../src/hub/store/not-written.ts';

test('it says where that is, and what moving it away leads to', () => {
  const { code, message } = notWritten('/hub/tokens.json', 'to start without tokens');
  assert.equal(code, 'ECONFIG');
  assert.equal(
    message,
    '/hub/tokens.json is not a file that a hub wrote; move it away to start without tokens',
  );
});
