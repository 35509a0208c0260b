import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BoundedMap } from '../../src/system/bounded-map.ts';

test('when it is full, the entry that was set longest ago makes room for the new one', () => {
  const map = new BoundedMap<string, number>(3);
  map.set('a', 1).set('b', 2).set('c', 3).set('d', 4);
  assert.deepEqual(
    [...map],
    [
      ['b', 2],
      ['c', 3],
      ['d', 4],
    ],
  );
  map.delete('c');
  map.set('e', 5);
  assert.deepEqual([...map.keys()], ['b', 'd', 'e']);
});

test('setting an entry again makes it the newest, and replaces it', () => {
  const map = new BoundedMap<string, number>(3);
  map.set('a', 1).set('b', 2).set('c', 3).set('a', 4);
  assert.deepEqual(
    [...map],
    [
      ['b', 2],
      ['c', 3],
      ['a', 4],
    ],
  );
  map.set('d', 5);
  assert.deepEqual([...map.keys()], ['c', 'a', 'd']);
});

test('heavy entries make room for as much as they weigh, and the newest one stays', () => {
  const map = new BoundedMap<string, number>(10);
  map.set('a', 1, 4).set('b', 2, 4).set('c', 3, 2);
  assert.deepEqual([...map.keys()], ['a', 'b', 'c']);
  map.set('b', 4, 1).set('d', 5, 9);
  assert.deepEqual([...map.keys()], ['b', 'd']);
  map.set('e', 6, 100);
  assert.deepEqual([...map.keys()], ['e']);
  map.clear();
  map.set('f', 7, 10);
  assert.deepEqual([...map.keys()], ['f']);
});

test('reading an entry does not keep it', () => {
  const map = new BoundedMap<string, number>(2);
  map.set('a', 1).set('b', 2);
  assert.equal(map.get('a'), 1);
  map.set('c', 3);
  assert.equal(map.get('a'), undefined);
});
