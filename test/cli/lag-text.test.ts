import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lagText } from '../../src/cli/lag-text.ts';

test('a commit that a drone lacks is said with why, and with what happens next', () => {
  const lag = { repo: 'webapp', commit: 'c'.repeat(40), why: 'no disk', retries: true };
  assert.equal(lagText(lag), 'lacks webapp/ccccccc: no disk; tries again');
  assert.equal(lagText({ ...lag, retries: false }), 'lacks webapp/ccccccc: no disk; try fleet deploy');
});
