import assert from 'node:assert/strict';
import { test } from 'node:test';
import { forgottenLines } from '../../src/cli/forgotten-text.ts';
import { FleetError } from '../../src/protocol/errors.ts';

test('a commit is forgotten once no ref has it, and what still has it is named', () => {
  assert.deepEqual(forgottenLines('webapp/abc', { refs: [], failed: {} }), {
    done: ['forgot webapp/abc'],
    left: [],
  });
  const failed = { web2: new FleetError('EBUSY', 'something runs from webapp/abc here') };
  const refs = ['refs/heads/main', 'refs/tags/v1', `refs/fleet/${'d'.repeat(40)}`];
  assert.deepEqual(forgottenLines('webapp/abc', { refs, failed }), {
    done: [],
    left: [
      '[web2] something runs from webapp/abc here',
      `fleet: the hub still has it in the branch main, the tag v1, the commit ${'d'.repeat(40)}`,
    ],
  });
});

test('of many refs ten are named', () => {
  const refs = Array.from({ length: 12 }, (_, n) => `refs/heads/b${n}`);
  assert.match(forgottenLines('webapp/abc', { refs, failed: {} }).left[0] ?? '', /the branch b9, 2 more$/);
});
