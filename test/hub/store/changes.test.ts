import assert from 'node:assert/strict';
import { test } from 'node:test';
import { changed } from '../../../src/hub/store/changes.ts';

test('changes are made in their order, each if what it was made for is there', () => {
  const before = new Map([['a', { key: 'a', value: 'old', revision: 3 }]]);
  let revision = 3;
  const { entries, revisions } = changed(
    before,
    [
      { key: 'a', value: 'created', seen: 0 },
      { key: 'a', value: 'new', seen: 3 },
      { key: 'a', value: 'too late', seen: 3 },
      { key: 'a', value: null, seen: 4 },
      { key: 'b', value: 'first', seen: 0 },
      { key: 'b', value: 'second', seen: 0 },
      { key: 'c', value: null, seen: 9 },
    ],
    () => ++revision,
  );
  assert.deepEqual(revisions, [null, 4, null, 5, 6, null, null]);
  assert.deepEqual([...entries.values()], [{ key: 'b', value: 'first', revision: 6 }]);
  assert.deepEqual([...before.keys()], ['a'], 'what was there before is left as it was');
});
