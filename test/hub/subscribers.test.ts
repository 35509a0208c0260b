import assert from 'node:assert/strict';
import { test } from 'node:test';
import { countLines, union, wants } from '../../src/hub/subscribers.ts';

const nothing = { all: false, ids: [], repos: [] };

test('a drone must send what any subscriber wants, and no more', () => {
  assert.deepEqual(union([]), nothing);
  assert.deepEqual(union([nothing, { all: true, ids: ['a'], repos: [] }]), { all: true, ids: [], repos: [] });
  assert.deepEqual(
    union([
      { all: false, ids: ['b', 'a'], repos: ['x'] },
      { all: false, ids: ['a'], repos: ['y', 'x'] },
    ]),
    { all: false, ids: ['a', 'b'], repos: ['x', 'y'] },
  );
});

test('an interest is met by id, by repository, or by all', () => {
  assert.ok(!wants(nothing, 'a', 'x'));
  assert.ok(wants({ ...nothing, all: true }, 'a', 'x'));
  assert.ok(wants({ ...nothing, ids: ['a'] }, 'a', 'x'));
  assert.ok(wants({ ...nothing, repos: ['x'] }, 'a', 'x'));
  assert.ok(!wants({ ...nothing, ids: ['b'], repos: ['y'] }, 'a', 'x'));
});

test('lines are counted by their ends', () => {
  assert.equal(countLines(''), 0);
  assert.equal(countLines('a\nb'), 1);
  assert.equal(countLines('a\n\nb\n'), 3);
});
