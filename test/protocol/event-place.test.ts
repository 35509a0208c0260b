import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isAt, placeOf } from '../../src/protocol/event-place.ts';

const lost = { type: 'lost', drone: 'web1', why: 'it hung up', seq: 12, time: 5_000 };

test('the place of an event is what every hub says of it', () => {
  assert.deepEqual(placeOf(lost), { time: 5_000, type: 'lost', drone: 'web1', id: null });
  assert.deepEqual(placeOf({ type: 'pushed', time: 1 }), { time: 1, type: 'pushed', drone: null, id: null });
});

test('an event is found at a hub that has noted another time for it, up to a second', () => {
  const isFound = (more: object) => isAt(placeOf(lost), { ...lost, ...more });
  assert.deepEqual(
    [
      { seq: 3, time: 5_900 },
      { time: 4_000 },
      { time: 6_001 },
      { type: 'joined' },
      { drone: 'web2' },
      { id: 'a' },
    ].map(isFound),
    [true, true, false, false, false, false],
  );
});

test('what has a mark of its own is told apart by that alone', () => {
  const stopped = { type: 'stopped', drone: 'web1', id: '1e99f4', time: 5_000, key: 'a' };
  const isFound = (more: object) => isAt(placeOf(stopped), { ...stopped, ...more });
  assert.deepEqual([{ time: 90_000 }, { key: 'b' }, { key: undefined }].map(isFound), [true, false, true]);
});
