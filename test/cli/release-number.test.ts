import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseRelease } from '../../src/cli/release-number.ts';

test('a release is a number, with or without a v', () => {
  for (const [text, release] of [
    ['v41', 41],
    ['41', 41],
    [undefined, undefined],
  ] as const)
    assert.equal(parseRelease(text), release);
  for (const text of ['', 'v', '0', 'v0', 'v1.0', 'V1', '-1', 'latest', '9'.repeat(10)])
    assert.throws(() => parseRelease(text), {
      code: 'EUSAGE',
      message: /is not a release; write one as v41/,
    });
});
