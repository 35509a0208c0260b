import assert from 'node:assert/strict';
import { test } from 'node:test';
import { unreachedText } from '../../src/cli/unreached-text.ts';

test('a drone that cannot be reached is said with what to do', () => {
  assert.equal(unreachedText('web1'), 'web1 has no address for others; give it --address');
});
